import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readCheckpoints } from "../../../src/jobs/audit/checkpoint.ts";
import { signerOf, writeSigner } from "../../../src/jobs/audit/signed-note.ts";
import { readTreeCheckpoints } from "../../../src/jobs/audit/tree-checkpoints.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";
import { eventually } from "../../support/eventually.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";

let audit: AuditHarness;

beforeAll(async () => {
  audit = await createAuditHarness();
});
afterAll(() => audit.drop());
beforeEach(() => audit.empty());

const read = () => readTreeCheckpoints(audit.checkpoints.folder, [audit.checkpoints.signer]);
const patiently = { interval: 5, timeout: 20_000 };
const latest = async () => (await read()).latest?.size;

test("each batch is signed at once, while the sealer runs", async () => {
  const stop = audit.startSealer();
  for (const size of [2, 5, 6]) {
    await audit.append(size - (await latest() ?? 0));
    await expect.poll(latest, patiently).toBe(size);
  }
  await stop();
  const names = (await readdir(audit.checkpoints.folder)).sort();
  // The first of all is kept, and the last before the end.
  expect(names).toHaveLength(3);
  expect(names).toMatchObject([
    "latest.checkpoint",
    expect.stringMatching(/^tree-00000000000[12]\.checkpoint$/),
    "tree-000000000006.checkpoint",
  ]);
});

test("a checkpoint an hour is kept", async () => {
  let now = new Date("2026-03-01T00:00:00Z");
  const stop = audit.startSealer({ now: () => now });
  await audit.append(2);
  await expect.poll(latest, patiently).toBe(2);
  await audit.append(1);
  await expect.poll(latest, patiently).toBe(3);
  now = new Date("2026-03-01T01:00:01Z");
  await eventually(async () => {
    expect(await readdir(audit.checkpoints.folder)).toContain("tree-000000000003.checkpoint");
  });
  await stop();
});

test("one that another key has signed, or whose text was changed, is named", async () => {
  await audit.append(2);
  await audit.seal();
  const { folder } = audit.checkpoints;
  const other = signerOf("clinic.example/audit", randomBytes(32));
  expect((await readTreeCheckpoints(folder, [other])).invalid).toHaveLength(2);

  const file = join(folder, "tree-000000000002.checkpoint");
  await writeFile(file, (await readFile(file, "utf8")).replace("\n2\n", "\n1\n"));
  expect(await read()).toMatchObject({ heads: [{ size: 2 }], invalid: ["tree-000000000002.checkpoint"] });
});

test("nothing is signed on top of a tree that was rewritten, or of one that is shorter", async () => {
  await audit.append(3);
  await audit.seal();
  const failures: string[] = [];
  const log = pino({ level: "error" }, { write: (line) => void failures.push(line) });
  await behindTheTrigger(audit.sql, "update audit_tiles set hashes = set_byte(hashes, 5, 7)");
  let stop = audit.startSealer({ log });
  await audit.append(1);
  await eventually(() => expect(failures.join()).toContain("not the one that was signed last"));
  await stop();
  expect(await latest()).toBe(3);

  await behindTheTrigger(
    audit.sql,
    "truncate audit_outcomes, audit_unsealed, audit_chain, audit_tiles restart identity",
  );
  stop = audit.startSealer({ log });
  await audit.append(1);
  await eventually(() => expect(failures.join()).toContain("the last checkpoint knows 3 rows, the tree has 1"));
  await stop();
  expect(await latest()).toBe(3);
});

test("a checkpoint that could not be written is tried again soon", async () => {
  const { folder } = audit.checkpoints;
  await rm(folder, { recursive: true });
  await writeFile(folder, "in the way");
  let now = new Date("2026-03-01T00:00:00Z");
  const failures: string[] = [];
  const log = pino({ level: "error" }, { write: (line) => void failures.push(line) });
  const stop = audit.startSealer({ now: () => now, log });
  await audit.append(2);
  await eventually(() => expect(failures).toHaveLength(1));
  await rm(folder);
  now = new Date("2026-03-01T00:01:01Z");
  await expect.poll(latest, patiently).toBe(2);
  await stop();
});

test("a process that ends in the middle of writing a checkpoint leaves none that is torn", async () => {
  const { folder, signer } = audit.checkpoints;
  const script = fileURLToPath(new URL("./checkpoint-process.ts", import.meta.url));
  const runtime = "deno" in process.versions ? ["run", "--allow-all"] : ["--import", "tsx"];
  const write = [process.execPath, ...runtime, script, folder, writeSigner(signer)];
  // It may create files, but not write a byte to one.
  const writer = spawn("sh", ["-c", 'ulimit -f 0; exec "$@"', "sh", ...write], {
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
    stdio: "ignore",
  });
  expect(await once(writer, "exit")).not.toEqual([0, null]);
  expect(await read()).toEqual({ heads: [], latest: undefined, invalid: [] });

  await audit.append(2);
  await audit.seal();
  expect(await latest()).toBe(2);
});

const hmacKey = "a key that the database never sees";

test("with an HMAC key alone the chain is signed as before, once an hour and when the sealer stops", async () => {
  const { folder } = audit.checkpoints;
  let now = new Date("2026-03-01T00:00:00Z");
  const stop = audit.startSealer({ now: () => now, checkpoints: { folder, hmacKey } });
  await audit.append(2);
  await audit.sealed();
  expect(await readdir(folder)).toEqual([]);
  now = new Date("2026-03-01T01:00:01Z");
  await eventually(async () => expect(await readdir(folder)).toEqual(["checkpoint-000000000002.json"]));
  await audit.append(1);
  await audit.sealed();
  await stop();
  expect(await readCheckpoints({ folder, hmacKey })).toMatchObject({
    checkpoints: [{ count: 2 }, { count: 3 }],
    invalid: [],
  });
  expect((await readCheckpoints({ folder, hmacKey: "another key" })).checkpoints).toEqual([]);
});
