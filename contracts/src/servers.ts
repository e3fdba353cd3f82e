import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const NAMES = ["TEST_DATABASE_URL", "TEST_AMQP_URL", "TEST_RABBITMQ_MANAGEMENT_URL"] as const;

/** The servers that the TEST_* variables name. */
export type Servers = Record<typeof NAMES[number], string>;

/** Runs `body` on the servers of the environment, or else on the project's local stack, which stops afterwards. */
export async function withServers<T>(root: string, body: (servers: Servers) => Promise<T>): Promise<T> {
  const given = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
  if (NAMES.every((name) => given[name])) return await body(given as Servers);

  const folder = mkdtempSync(join(tmpdir(), "servers-"));
  const file = join(folder, "servers.json");
  const holder = fileURLToPath(new URL("hold-servers.mjs", import.meta.url));
  const stack = spawn(process.execPath, [join(root, "system/run.mjs"), "stack", process.execPath, holder, file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  stack.stdout.pipe(process.stderr);
  const ended = new Promise<void>((resolve) => stack.on("close", () => resolve()));
  try {
    const started = new Promise<void>((resolve) => {
      stack.stdout.on("data", (text) => String(text).includes("servers are up") && resolve());
    });
    await Promise.race([started, ended]);
    return await body(readServers(file));
  } finally {
    stack.stdin.end();
    await ended;
    rmSync(folder, { recursive: true });
  }
}

function readServers(file: string): Servers {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error("the local stack did not start: npm run stack -- true shows why", { cause });
  }
}
