import { execFileSync } from "node:child_process";

/** Runs git in `root` and answers its standard output without the last line break; throws with git's own message. */
export function git(root: string, args: string[], input?: string): string {
  return run(root, args, input).trimEnd();
}

/** A file as it was at a revision. */
export function fileAt(root: string, revision: string, path: string): string {
  return run(root, ["show", `${revision}:${path}`]);
}

function run(root: string, args: string[], input?: string): string {
  return execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
    ...(input === undefined ? {} : { input }),
  });
}
