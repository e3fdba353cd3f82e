import { execFileSync } from "node:child_process";

/** Runs git in `root` and answers its standard output without the last line break; throws with git's own message. */
export function git(root: string, args: string[], input?: string): string {
  return run(root, args, input).trimEnd();
}

/** A file as it was at a revision. */
export function fileAt(root: string, revision: string, path: string): string {
  return run(root, ["show", `${revision}:${path}`]);
}

/** Whether the clone lacks the older part of its history. */
export function isShallow(root: string): boolean {
  return git(root, ["rev-parse", "--is-shallow-repository"]) === "true";
}

/** A revision is needed that a shallow clone does not have. */
export class MissingHistory extends Error {
  override name = "MissingHistory";

  constructor(what: string, options?: ErrorOptions) {
    super(`${what} is not in this clone, which is shallow: fetch the whole history (git fetch --unshallow)`, options);
  }
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
