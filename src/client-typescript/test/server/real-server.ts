import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sign, signToken } from "../backend.ts";

/** The server's dll. Without it, the tests of this folder are skipped. */
export const dll = process.env.ORDERS_SERVER;

/** The option of a test that needs the real server. */
export const needsServer = dll ? {} : { skip: "ORDERS_SERVER is not set: give it the path of OrdersActors.Server.dll" };

const key = "demo-key";
const secret = "demo-secret";

/** The real server in a process of its own, with its own data and ports. */
export class RealServer {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  #ports: number[];
  #process: ChildProcess | undefined;
  #log = "";

  private constructor(ports: number[]) {
    this.#ports = ports;
    this.port = ports[0]!;
    this.url = `http://127.0.0.1:${this.port}`;
    this.directory = mkdtempSync(join(tmpdir(), "orders-client-"));
  }

  static async start(): Promise<RealServer> {
    const server = new RealServer([await freePort(), await freePort(), await freePort()]);
    await server.start();
    return server;
  }

  /** Starts it, again on the same data and ports. */
  async start(): Promise<void> {
    this.#process = spawn("dotnet", [dll!, "serve", "--environment", "Development", "--urls", this.url, ...this.#data,
      `--OrdersActors:SiloPort=${this.#ports[1]}`, `--OrdersActors:GatewayPort=${this.#ports[2]}`,
    ], { stdio: ["ignore", "pipe", "pipe"], cwd: this.directory });
    const keep = (text: Buffer) => this.#log = (this.#log + text).slice(-20_000);
    this.#process.stdout!.on("data", keep);
    this.#process.stderr!.on("data", keep);
    for (const began = Date.now(); ;) {
      const ready = await fetch(`${this.url}/v1/events`, { headers: this.#basic, signal: AbortSignal.timeout(5_000) })
        .then(response => response.ok, () => false);
      if (ready) {
        return;
      }
      if (this.#process.exitCode !== null || Date.now() - began > 90_000) {
        throw new Error(`The server did not start:\n${this.#log}`);
      }
      await sleep(200);
    }
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const { pid, exitCode } = this.#process!;
    if (pid !== undefined && exitCode === null) {
      const exited = new Promise(resolve => this.#process!.once("exit", resolve));
      this.#process!.kill(signal);
      await exited;
    }
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Runs another command on the data of the server. */
  run(...command: string[]): void {
    const { status, stdout, stderr } = spawnSync("dotnet", [dll!, ...command, ...this.#data],
      { encoding: "utf8", timeout: 60_000, cwd: this.directory });
    if (status !== 0) {
      throw new Error(`${command.join(" ")} failed:\n${stdout}${stderr}`);
    }
  }

  /** Publishes events, and repeats until they are stored. Their ids make repeats harmless. */
  async publish(...events: { order_id: string; status: string; id?: string }[]): Promise<void> {
    const body = JSON.stringify(events.map(event => ({ id: crypto.randomUUID(), ...event })));
    for (const began = Date.now(); ;) {
      const response = await fetch(`${this.url}/v1/events`, {
        method: "POST", body, headers: { ...this.#basic, "content-type": "application/json" },
        signal: AbortSignal.timeout(10_000),
      }).catch((error: Error) => error);
      if (response instanceof Response && response.ok) {
        return;
      }
      if (Date.now() - began > 90_000) {
        throw new Error(`Not published: ${response instanceof Response ? await response.text() : response}`);
      }
      await sleep(200);
    }
  }

  get #data(): string[] {
    return [`--OrdersActors:DataDirectory=${this.directory}`];
  }

  get #basic() {
    return { authorization: `Basic ${btoa(`${key}:${secret}`)}` };
  }
}

/** A token as an application's backend makes it. `lifetime` in seconds. */
export function createToken(claims: { orders?: string[]; scope?: string; lifetime?: number }): string {
  const { lifetime = 3_600, ...rest } = claims;
  const exp = Math.floor(Date.now() / 1_000) + lifetime;
  return signToken(secret, JSON.stringify({ alg: "HS256", kid: key }), JSON.stringify({ ...rest, exp }));
}

/** A signature as an application's backend makes it. */
export function createSignature(): string {
  return sign(key, secret, Math.floor(Date.now() / 1_000));
}

/** Waits until a condition holds. Throws after a minute. */
export async function eventually(condition: () => boolean, what: () => unknown = () => ""): Promise<void> {
  for (const began = Date.now(); !condition();) {
    if (Date.now() - began > 60_000) {
      throw new Error(`It did not happen within a minute: ${condition} ${JSON.stringify(what())}`);
    }
    await sleep(20);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise(resolve => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
