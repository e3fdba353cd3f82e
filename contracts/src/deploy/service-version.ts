import { git } from "./git.ts";
import type { Participant, Service } from "./participants.ts";

/**
 * The version of a service: the git tree hash of its folder. Two commits that leave the folder alone share it, so a
 * verification file, which lies outside, never changes the version that it speaks of.
 */
export function serviceVersion(root: string, service: Service, revision = "HEAD"): string {
  return git(root, ["rev-parse", "--verify", `${revision}:${service}`]);
}

/** What in `paths` differs from HEAD, as `git status` prints it; such files belong to no version yet. */
export function uncommitted(root: string, ...paths: string[]): string[] {
  return git(root, ["status", "--porcelain", "--untracked-files=all", "--", ...paths]).split("\n").filter(Boolean);
}

/** The newest commit of any branch in which the service's folder has this tree hash. */
export function commitOfVersion(root: string, service: Service, version: string): string | undefined {
  const commits = git(root, ["rev-list", "--all", "HEAD"]).split("\n");
  const trees = git(
    root,
    ["cat-file", "--batch-check=%(objectname)"],
    commits.map((commit) => `${commit}:${service}\n`).join(""),
  ).split("\n");
  return commits[trees.indexOf(version)];
}

/** The version that was named, else that of HEAD; throws when the working tree has gone on from there. */
export function versionAsked(root: string, participants: Participant[], named: string | undefined): string {
  if (named !== undefined) return named;
  const service = participants[0]?.service ?? "consumer";
  const changed = uncommitted(root, service);
  if (changed.length === 0) return serviceVersion(root, service);
  throw new Error(
    `${service}/ has uncommitted changes and so no version: commit them, or name one with --version\n` +
      changed.map((line) => `  ${line}`).join("\n"),
  );
}

/** Whether this repository holds the folder that the hash stands for. */
export function isTree(root: string, hash: string): boolean {
  try {
    return git(root, ["cat-file", "-t", hash]) === "tree";
  } catch {
    return false;
  }
}
