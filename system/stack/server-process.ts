import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { claimPidFile, livingHolder, removePidFile } from "./pid-file.ts";
import { StackError } from "./stack-error.ts";
import { waitFor } from "./wait-for.ts";

export interface ServerProcess {
  pid: number;
  /** Rejects when the process ends; never resolves. */
  died: Promise<never>;
  stop(signal: NodeJS.Signals, timeoutMs?: number): Promise<void>;
}

export interface ServerCommand {
  name: string;
  /** Holds the server's log and its pid file. */
  folder: string;
  command: readonly string[];
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Gets each line of output; without it they go to the log file. */
  onLine?: (line: string) => void;
}

/**
 * Starts a server in a process group of its own, so that a Ctrl-C in the terminal reaches only us and we choose the
 * order in which things stop. One left behind by a killed predecessor is stopped first.
 */
export async function startServerProcess(server: ServerCommand): Promise<ServerProcess> {
  mkdirSync(server.folder, { recursive: true });
  const pidFile = join(server.folder, `${server.name}.pid`);
  const logFile = join(server.folder, `${server.name}.log`);
  await stopOrphan(pidFile);

  let lastLine = "it said nothing";
  const log = server.onLine ? undefined : openSync(logFile, "w");
  const [file, ...args] = server.command;
  const child = spawn(file!, args, {
    cwd: server.cwd ?? server.folder,
    env: { ...process.env, ...server.env },
    stdio: ["ignore", log ?? "pipe", log ?? "pipe"],
    detached: true,
  });
  if (log !== undefined) closeSync(log);
  for (const output of [child.stdout, child.stderr]) {
    if (output) {
      createInterface(output).on("line", (line) => server.onLine?.(lastLine = line));
    }
  }

  let running = true;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`exit ${code ?? signal}`));
  }).finally(() => running = false);
  const died = ended.then((how): never => {
    const last = log === undefined ? lastLine : readFileSync(logFile, "utf8").trim().split("\n").at(-1);
    throw new StackError(`${server.name} ended (${how}): ${last}; its log is ${log === undefined ? "above" : logFile}`);
  });
  died.catch(() => {});
  if (child.pid === undefined) return died;
  claimPidFile(pidFile, child.pid);

  const pid = child.pid;
  return {
    pid,
    died,
    async stop(signal, timeoutMs = 60_000) {
      if (running) process.kill(pid, signal);
      const timer = setTimeout(() => killGroup(pid), timeoutMs);
      await ended;
      clearTimeout(timer);
      killGroup(pid);
      removePidFile(pidFile);
    },
  };
}

/** Ends what a killed predecessor left running. */
export async function stopOrphan(pidFile: string): Promise<void> {
  const pid = livingHolder(pidFile);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    await waitFor(
      `process ${pid} to end`,
      () => livingHolder(pidFile) === undefined,
      { timeoutMs: 8_000 },
    )
      .catch(() => killGroup(pid));
  }
  removePidFile(pidFile);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the group is gone
  }
}
