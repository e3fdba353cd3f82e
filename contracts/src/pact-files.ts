import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pactFolder } from "./deploy/participants.ts";
import type { Servers } from "./servers.ts";

/** File name → content. */
export type PactFiles = Map<string, string>;

export class ContractTestsFailed extends Error {
  override name = "ContractTestsFailed";
}

/** The pacts that the consumer's contract tests write. Throws what they printed when one of them fails. */
export async function generatePacts(root: string, servers: Servers): Promise<PactFiles> {
  const dir = mkdtempSync(join(tmpdir(), "pacts-"));
  const child = spawn("npm", ["run", "--silent", "test:contract"], {
    cwd: join(root, "consumer"),
    env: { ...process.env, ...servers, PACT_DIR: dir, PACT_DO_NOT_TRACK: "true", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => printed += text);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    if (code !== 0) throw new ContractTestsFailed(printed.trim());
    return readFolder(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export function readPacts(root: string): PactFiles {
  return readFolder(join(root, pactFolder));
}

export function writePacts(root: string, pacts: PactFiles): void {
  const folder = join(root, pactFolder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of pacts) writeFileSync(join(folder, name), content);
}

/** The names of the files that were added, removed or changed. */
export function differences(before: PactFiles, after: PactFiles): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

function readFolder(folder: string): PactFiles {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
