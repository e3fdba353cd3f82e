import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

export interface RunningProducer {
  /** Where its API listens. */
  url: string;
  apiKey: string;
  stop(): Promise<void>;
}

const STARTUP_MS = 60_000;

/** Starts the producer in `folder` as its own process, with a key that may do everything. */
export async function startProducer(
  folder: string,
  { databaseUrl, amqpUrl }: { databaseUrl: string; amqpUrl: string },
): Promise<RunningProducer> {
  const apiKey = randomBytes(24).toString("base64url");
  const sha256 = createHash("sha256").update(apiKey).digest("hex");
  const scopes = ["appointments:read", "appointments:write", "appointments:overbook", "doctors:write", "ops"];
  const child = spawn(process.execPath, ["--import", "tsx", join("src", "main.ts")], {
    cwd: folder,
    env: {
      ...process.env,
      HOST: "127.0.0.1",
      PORT: "0",
      DATABASE_URL: databaseUrl,
      AMQP_URL: amqpUrl,
      API_KEYS: JSON.stringify([{ name: "prove", sha256, scopes }]),
      RELAY_POLL_MS: "100",
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  try {
    return { url: `http://127.0.0.1:${await portOf(child)}`, apiKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The port of its `listening` line; what it said instead when there is none. */
function portOf(child: ChildProcess): Promise<number> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the producer ${why}:\n${said.slice(-20).join("\n")}`));
    const timer = setTimeout(() => fail(`did not listen within ${STARTUP_MS / 1000} s`), STARTUP_MS);
    child.once("close", (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const port = /"port":(\d+).*"msg":"listening"|"msg":"listening".*"port":(\d+)/.exec(line);
        if (!port) return;
        clearTimeout(timer);
        resolve(Number(port[1] ?? port[2]));
      });
    }
  });
}
