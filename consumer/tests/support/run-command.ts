import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/consumer", import.meta.url));

export interface Ended {
  code: number | string;
  stdout: string;
  stderr: string;
}

/** Runs `consumer …` to its end with nothing but these variables; with `closed`, nobody reads what it prints. */
export async function runCommand(
  args: readonly string[],
  variables: Record<string, string>,
  { closed = false } = {},
): Promise<Ended> {
  const { PATH = "", HOME = "", TMPDIR = "/tmp" } = process.env;
  const child = spawn(bin, args, { env: { PATH, HOME, TMPDIR, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
  if (closed) child.stdout.destroy();
  const [stdout, stderr, [code, signal]] = await Promise.all([
    closed ? "" : text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code: code ?? signal, stdout, stderr };
}
