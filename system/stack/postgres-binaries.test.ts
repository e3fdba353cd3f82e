import { execFileSync } from "node:child_process";
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { localFiles } from "../local-files.ts";
import { findPostgresBinaries, findUnprivileged } from "./postgres-binaries.ts";

test("PostgreSQL can be set up below a folder that only its owner may enter, by root as well", async () => {
  mkdirSync(localFiles.runs, { recursive: true });
  const folder = mkdtempSync(join(localFiles.runs, "private-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const installed = dirname(dirname((await findPostgresBinaries()).initdb));
  cpSync(installed, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  const [initdb, postgres] = ["initdb", "postgres"].map((name) => join(folder, "native/bin", name));
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });

  const { prefix, owner } = findUnprivileged({ initdb: initdb!, postgres: postgres! }, folder);
  if (owner !== undefined) chownSync(data, owner, owner);
  const [file, ...args] = [...prefix, initdb!, `--pgdata=${data}`, "--no-sync", "--auth=reject"];

  expect(execFileSync(file!, args, { encoding: "utf8", stdio: "pipe" })).toContain("Success");
});
