import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { ServiceFailed } from "./service-failed.ts";

export interface RunningService {
  /** Where it listens. */
  url: string;
  /** Whether it still runs. */
  isRunning(): boolean;
  stop(): Promise<void>;
}

const STARTUP_MS = 60_000;

/** Starts `src/main.ts` of a service's folder as its own process, after these imports, and waits until it listens. */
export async function startService(
  folder: string,
  settings: Record<string, string>,
  imports: string[] = [],
): Promise<RunningService> {
  const before = [...imports, "tsx"].flatMap((module) => ["--import", module]);
  const child = spawn(process.execPath, [...before, join("src", "main.ts")], {
    cwd: folder,
    env: { ...process.env, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  try {
    return { url: `http://127.0.0.1:${await portOf(child, folder)}`, isRunning, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The port of its `listening` line; what it said instead when there is none. */
function portOf(child: ChildProcess, folder: string): Promise<number> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const describe = (why: string) => `the service in ${folder} ${why}:\n${said.slice(-20).join("\n")}`;
    const timer = setTimeout(
      () => reject(new Error(describe(`did not listen within ${STARTUP_MS / 1000} s`))),
      STARTUP_MS,
    );
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      reject(
        signal === null
          ? new ServiceFailed(describe(`ended with code ${code}`))
          : new Error(describe(`was ended by ${signal}`)),
      );
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        if (!line.includes('"msg":"listening"')) return;
        clearTimeout(timer);
        resolve(Number(/"port":(\d+)/.exec(line)?.[1]));
      });
    }
  });
}
