import { createHmac } from "node:crypto";

/** Creates an `authorization_signature`, as an application's backend does. `seconds` is Unix time. */
export function sign(key: string, secret: string, seconds: number, method = "GET", path = "/ws"): string {
  const hex = createHmac("sha256", secret).update(`${method}${path}${seconds}`).digest("hex");
  return `APIKey=${key},signature=${hex},timestamp=${seconds}`;
}

/** Signs the texts of a token's header and claims, as an application's backend does. */
export function signToken(secret: string, header: string, claims: string): string {
  const part = (text: string) => Buffer.from(text).toString("base64url");
  const unsigned = `${part(header)}.${part(claims)}`;
  return `${unsigned}.${createHmac("sha256", secret).update(unsigned).digest("base64url")}`;
}
