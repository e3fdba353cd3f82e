import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../local-files.ts";

const releases = join(root, "contracts/releases");

/** The newest recorded release. Without one there is nothing to be compatible with, and that is an error. */
export function newestRelease(): string {
  const versions = existsSync(releases) ? readdirSync(releases) : [];
  const newest = versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (newest === undefined) throw new Error("contracts/releases/ holds no release: record one with contracts release");
  return newest;
}

/** Both services as they were released, installed and ready to start, each in its own folder below `folder`. */
export function checkOutRelease(version: string, folder: string): string {
  const { services } = JSON.parse(readFileSync(join(releases, version, "release.json"), "utf8"));
  for (const name of ["producer", "consumer"]) {
    const service = join(folder, name);
    mkdirSync(service, { recursive: true });
    const files = readTree(services[name], `${name} ${version}`);
    execFileSync("tar", ["-x", "-C", service], { input: files });
    execFileSync("npm", ["ci", "--omit=dev", "--no-audit", "--no-fund"], { cwd: service, stdio: "pipe" });
  }
  return folder;
}

function readTree(hash: string, what: string) {
  try {
    return execFileSync("git", ["archive", hash], { cwd: root, stdio: "pipe", maxBuffer: 2 ** 28 });
  } catch (cause) {
    throw new Error(`${what} (tree ${hash}) is not in this clone: fetch the whole history (git fetch --unshallow)`, {
      cause,
    });
  }
}
