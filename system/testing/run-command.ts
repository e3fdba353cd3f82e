import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../local-files.ts";
import { oneFailed, onePassed, readTally, type Tally } from "./tally.ts";

export interface CommandOptions {
  /** Below the root, or an absolute path. */
  folder?: string;
  env?: Record<string, string>;
  /**
   * Prints the output as a whole at the end, so that it does not mix with what runs beside it; or only where the command
   * failed.
   */
  hold?: boolean | "until failed";
  signal: AbortSignal;
}

/** Runs a command with its output on ours; a success counts one. */
export async function runCommand(command: string[], options: CommandOptions): Promise<Tally> {
  console.log(`$ ${command.join(" ")}${options.folder ? `   (in ${options.folder}/)` : ""}`);
  const code = await exitCode(command, { hold: "until failed", ...options });
  return code === 0 ? onePassed : oneFailed(`${command.join(" ")} ended with ${code}`);
}

/** Runs an npm script that is vitest, and counts its tests. */
export async function runVitest(script: string, options: CommandOptions): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "appointments-tests-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    console.log(`$ npm run ${script}   (in ${options.folder}/)`);
    const code = await exitCode(["npm", "run", "--silent", script, "--", ...reporters], options);
    return readTally(report, code, `npm run ${script} in ${options.folder}/`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function exitCode(
  [file, ...args]: string[],
  { folder = ".", env, hold = false, signal }: CommandOptions,
): Promise<number> {
  signal.throwIfAborted();
  const child = spawn(file!, args, {
    cwd: resolve(root, folder),
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }), ...env },
    stdio: ["ignore", hold ? "pipe" : "inherit", hold ? "pipe" : "inherit"],
    shell: process.platform === "win32",
  });
  const held: Uint8Array[] = [];
  for (const output of [child.stdout, child.stderr]) output?.on("data", (chunk) => held.push(chunk));
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  let ended = 1;
  return new Promise<number>((resolve, reject) => {
    child.once("exit", (code) => signal.aborted ? reject(signal.reason) : resolve(ended = code ?? 1));
    child.once("error", (error) => {
      console.error(`${file} can't be started: ${error.message}`);
      resolve(127);
    });
  }).finally(async () => {
    // Something that the command left running may keep its output open.
    if (hold) await Promise.race([once(child, "close"), sleep(2_000)]);
    signal.removeEventListener("abort", stop);
    if (hold === true || ended !== 0) { for (const chunk of held) process.stdout.write(chunk); }
  });
}
