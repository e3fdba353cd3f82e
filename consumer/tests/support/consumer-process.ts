import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../", import.meta.url));

export type LogLine = Record<string, unknown> & { msg: string };

export interface ConsumerProcess {
  child: ChildProcess;
  /** What it has logged so far. */
  lines: LogLine[];
  /** What it has written that is no log line. */
  output: string[];
  /** Unlike child.kill() it leaves the exit code to be seen on Deno, too. */
  signal(name: NodeJS.Signals): void;
  /** The exit code, or the signal's name. */
  exited: Promise<number | string>;
}

/** Starts a file of this folder as a process of its own, with nothing but these variables in its environment. */
export function startProcess(
  file: string,
  variables: Record<string, string>,
  args: string[] = [],
): ConsumerProcess {
  const { PATH, HOME, TMPDIR } = process.env;
  const inherited = Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value));
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], {
    cwd: folder,
    env: { ...inherited, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: LogLine[] = [];
  const output: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on("line", (line) => {
      try {
        lines.push(JSON.parse(line));
      } catch {
        output.push(line);
      }
    });
  }
  const exited = once(child, "close").then(([code, signal]) => code ?? signal);
  return { child, lines, output, signal: (name) => void process.kill(child.pid!, name), exited };
}
