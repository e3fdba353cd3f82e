import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readCheckpoints } from "../../../src/jobs/audit/checkpoint.ts";
import { eventually } from "../../support/eventually.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";

let audit: AuditHarness;

beforeAll(async () => {
  audit = await createAuditHarness();
});
afterAll(() => audit.drop());
beforeEach(() => audit.empty());

test("a checkpoint is signed, and is never replaced by one of a shorter or a rewritten chain", async () => {
  await audit.append(2);
  await audit.seal();
  const { folder, hmacKey } = audit.checkpoints;
  const [name] = await readdir(folder);
  const before = await readFile(join(folder, name!), "utf8");
  await behindTheTrigger(audit.sql, "update audit_outcomes set action = 'ignored' where id = 1");
  await audit.rewriteChain();
  await audit.seal();
  expect(await readFile(join(folder, name!), "utf8")).toBe(before);

  await writeFile(join(folder, name!), before.replace('"count": 2', '"count": 1'));
  await writeFile(join(folder, "checkpoint-000000000007.json"), "{}");
  expect(await readCheckpoints({ folder, hmacKey })).toEqual({
    checkpoints: [],
    invalid: [name, "checkpoint-000000000007.json"],
  });
  expect((await readCheckpoints({ folder, hmacKey: "another key" })).checkpoints).toEqual([]);
});

test("checkpoints are written while the sealer runs, too", async () => {
  let now = new Date("2026-03-01T00:00:00Z");
  const stop = audit.startSealer({ now: () => now });
  await audit.append(2);
  await audit.sealed();
  expect(await readdir(audit.checkpoints.folder)).toEqual([]);
  now = new Date("2026-03-01T01:00:01Z");
  await eventually(async () => {
    expect(await readdir(audit.checkpoints.folder)).toEqual(["checkpoint-000000000002.json"]);
  });
  await stop();
});

test("a checkpoint that could not be written is tried again soon, not in an hour", async () => {
  const { folder } = audit.checkpoints;
  await rm(folder, { recursive: true });
  await writeFile(folder, "in the way");
  let now = new Date("2026-03-01T00:00:00Z");
  const failures: string[] = [];
  const log = pino({ level: "error" }, { write: (line) => void failures.push(line) });
  const stop = audit.startSealer({ now: () => now, log });
  await audit.append(2);
  await audit.sealed();
  now = new Date("2026-03-01T01:00:01Z");
  await eventually(() => expect(failures).toHaveLength(1));
  await rm(folder);
  now = new Date("2026-03-01T01:01:01Z");
  await eventually(async () => expect(await readdir(folder)).toEqual(["checkpoint-000000000002.json"]));
  await stop();
});

test("a process that ends in the middle of writing a checkpoint leaves none that is torn", async () => {
  const { folder, hmacKey } = audit.checkpoints;
  const script = fileURLToPath(new URL("./checkpoint-process.ts", import.meta.url));
  const runtime = "deno" in process.versions ? ["run", "--allow-all"] : ["--import", "tsx"];
  const write = [process.execPath, ...runtime, script, folder, hmacKey];
  // It may create files, but not write a byte to one.
  const writer = spawn("sh", ["-c", 'ulimit -f 0; exec "$@"', "sh", ...write], {
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
    stdio: "ignore",
  });
  expect(await once(writer, "exit")).not.toEqual([0, null]);
  expect(await readCheckpoints(audit.checkpoints)).toEqual({ checkpoints: [], invalid: [] });

  await audit.append(2);
  await audit.seal();
  expect((await readCheckpoints(audit.checkpoints)).checkpoints).toMatchObject([{ count: 2 }]);
});
