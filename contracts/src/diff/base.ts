import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReadFile } from "../bundle.ts";
import { UsageError } from "../command.ts";
import { loadContract } from "../contract.ts";
import { OPENAPI_DOCUMENT } from "../client-types.ts";
import { fileAt, git, isShallow, MissingHistory } from "../deploy/git.ts";
import { pactFolder } from "../deploy/participants.ts";
import { parseHttpPacts, parsePacts } from "../pacts.ts";
import { type PactFiles, readPacts } from "../pact-files.ts";
import { RELEASES, releaseVersions } from "../release/release.ts";
import { workingTree } from "../working-tree.ts";
import { declaredAt, declaredIn } from "./declared.ts";
import type { Side } from "./readers.ts";

export function workingSide(root: string): Side {
  return { contract: loadContract(workingTree(root)), ...pactsOf(readPacts(root)), api: apiIn(root) };
}

/** A release by its version, else a git revision: its documents and its pacts. */
export function baseSide(root: string, base: string): Side {
  if (releaseVersions(root).includes(base)) return releaseSide(root, base);
  const revision = resolveRevision(root, base);
  const read: ReadFile = (path) => git(root, ["show", `${revision}:./${path}`]);
  const names = git(root, ["ls-tree", "--name-only", revision, `./${pactFolder}/`]).split("\n").filter(Boolean);
  const pacts = new Map(names.map((name) => [name.slice(name.lastIndexOf("/") + 1), read(name)]));
  const hasApi = git(root, ["ls-tree", "--name-only", revision, `./${OPENAPI_DOCUMENT}`]) !== "";
  const api = hasApi ? JSON.parse(fileAt(root, revision, `./${OPENAPI_DOCUMENT}`)) : undefined;
  return { contract: loadContract(read), ...pactsOf(pacts), declared: declaredAt(root, revision), api };
}

function pactsOf(files: PactFiles): Pick<Side, "pacts" | "httpPacts"> {
  return { pacts: parsePacts(files), httpPacts: parseHttpPacts(files) };
}

function apiIn(folder: string): Side["api"] {
  const file = join(folder, OPENAPI_DOCUMENT);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** A release keeps both documents and the pacts where they are in the project. */
export function releaseSide(root: string, version: string): Side {
  const folder = join(root, RELEASES, version);
  const read: ReadFile = (path) => readFileSync(join(folder, path), "utf8");
  const declared = declaredIn(root, version);
  return { contract: loadContract(read), ...pactsOf(readPacts(folder)), declared, api: apiIn(folder) };
}

/** The revision that BASE stands for, or that brought the release, where this clone has it. */
export function revisionOf(root: string, base: string): string | undefined {
  if (!releaseVersions(root).includes(base)) return resolveRevision(root, base);
  const folder = `${RELEASES}/${base}`;
  return git(root, ["log", "--reverse", "--diff-filter=A", "--format=%H", "--", folder]).split("\n")[0] || undefined;
}

function resolveRevision(root: string, base: string): string {
  try {
    return git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${base}^{commit}`]);
  } catch (cause) {
    if (isShallow(root)) throw new MissingHistory(base, { cause });
    throw new UsageError(`${base} is neither a release nor a git revision`, { cause });
  }
}
