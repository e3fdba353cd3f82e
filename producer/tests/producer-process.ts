import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { apiKey, sha256 } from "./api-under-test.ts";
import { createDescriptionCheck, type OpenApi } from "./described.ts";
import { eventually } from "./eventually.ts";

export type ProducerProcess = {
  port: number;
  /** Holds the answer against the description that the process gives of itself. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  logs(): Record<string, unknown>[];
  output(): string;
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
};

const folder = fileURLToPath(new URL("..", import.meta.url));
const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Starts the service as its own process, without waiting for anything. */
export function spawnProducer(env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, ["--import", "tsx", main], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => output += chunk);
  return { child, output: () => output };
}

/** Starts it and waits until it takes requests, or only probes. */
export async function startProducer(
  databaseUrl: string,
  amqpUrl: string,
  env: Record<string, string> = {},
  until: "listening" | "starting" = "listening",
): Promise<ProducerProcess> {
  const { child, output } = spawnProducer({
    DATABASE_URL: databaseUrl,
    AMQP_URL: amqpUrl,
    RELAY_POLL_MS: "100",
    RELAY_CONFIRM_TIMEOUT_MS: "5000",
    API_KEYS: JSON.stringify([
      {
        name: "reception",
        sha256: sha256(apiKey),
        scopes: ["appointments:read", "appointments:write", "doctors:write", "erase"],
      },
    ]),
    ...env,
  });
  const logs = () => output().split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  const port = await eventually(() => {
    const listening = logs().find((line) => line["msg"] === until);
    if (!listening) throw new Error(`The producer does not listen:\n${output()}`);
    return listening["port"];
  }, 60_000);

  const url = `http://127.0.0.1:${port}`;
  const check = createDescriptionCheck(await (await fetch(`${url}/openapi.json`)).json() as OpenApi);

  return {
    port,
    logs,
    output,
    async send(method, path, body, headers = {}) {
      const requestBody = body === undefined ? undefined : JSON.stringify(body);
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { "X-API-Key": apiKey, "Content-Type": "application/json", ...headers },
        ...(requestBody === undefined ? {} : { body: requestBody }),
      });
      await check({ method, path, requestBody, response });
      return response;
    },
    async kill(signal) {
      if (child.exitCode === null && child.signalCode === null) {
        // Not "exit": its last lines may still be on their way.
        const closed = once(child, "close");
        // On Deno child.kill() would hide the exit code.
        process.kill(child.pid!, signal);
        await closed;
      }
      return child.exitCode;
    },
  };
}
