import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../OrdersActors.FrontEnd/Protocol/vectors");

/** Reads a file of the protocol's test vectors. */
export function vectors(file: string): any {
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}
