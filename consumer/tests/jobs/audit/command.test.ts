import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { noProgress } from "../../../src/cli/progress.ts";
import { auditCommand } from "../../../src/jobs/audit/command.ts";
import { type CommandContext, UsageError } from "../../../src/cli/command.ts";
import { readConfig } from "../../../src/config.ts";
import { writeCheckpoint } from "../../../src/jobs/audit/checkpoint.ts";
import { readHead, sealOutcomes } from "../../../src/jobs/audit/chain-store.ts";
import { appendAudit } from "../../../src/jobs/audit/audit-log.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;
let checkpoints: { folder: string; hmacKey: string };

beforeAll(async () => {
  database = await createTestDatabase();
  checkpoints = { folder: await mkdtemp(join(tmpdir(), "audit-")), hmacKey: "secret" };
  for (const day of ["2026-03-01", "2026-03-02", "2026-03-03"]) {
    const occurredAt = new Date(`${day}T00:00:00Z`);
    await appendAudit(database.sql, {
      occurredAt,
      job: "audit",
      action: "recorded",
      actor: "reception",
      detail: { day },
    });
  }
  await sealOutcomes(database.sql, 10);
  const { count, hash } = await readHead(database.sql);
  await writeCheckpoint(checkpoints, { takenAt: "2026-03-03T01:00:00.000Z", count, head: hash.toString("hex") });
});
afterAll(async () => {
  await rm(checkpoints.folder, { recursive: true });
  await database.drop();
});

const run = (...args: string[]) => runWith(checkpoints.folder, ...args);

async function runWith(folder: string, ...args: string[]) {
  const noted: string[] = [];
  const printed: string[] = [];
  const config = readConfig({
    DATABASE_URL: database.url,
    AMQP_URL: "amqp://localhost",
    JOBS: "none",
    AUDIT_CHECKPOINT_DIR: folder,
    AUDIT_HMAC_KEY: checkpoints.hmacKey,
  });
  const context: CommandContext = {
    config,
    openDatabase: () => database.sql,
    print: (line) => printed.push(line),
    note: (line) => noted.push(line),
    progress: noProgress,
  };
  return { code: await auditCommand.run(args, context), printed, noted };
}

test("export prints the rows of a time span in chain order, as text or as JSON", async () => {
  const { printed } = await run("export", "--from", "2026-03-02", "--to", "2026-03-03T00:00:00Z", "--json");
  expect(printed.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      position: 2,
      detail: { day: "2026-03-02" },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    }),
  ]);
  const text = await run("export", "--to", "2026-03-02");
  expect(text).toEqual({
    code: 0,
    noted: [],
    printed: ['1\t2026-03-01T00:00:00.000Z\taudit\trecorded\t-\t-\treception\t-\t{"day":"2026-03-01"}'],
  });
  const nothing = await run("export", "--from", "2026-03-04");
  expect(nothing).toEqual({ code: 0, noted: ["There is no sealed row in that span."], printed: [] });
});

test.each([
  [[]],
  [["repair"]],
  [["export", "--from", "yesterday"]],
  [["export", "--from", "2026-03-02T10:00:00"]],
  [["verify", "now"]],
  [["verify", "--fast"]],
])("%j is refused with the usage", async (args) => {
  await expect(run(...args)).rejects.toThrow(UsageError);
});

test.each([["that is empty", ""], ["that is not there", "never-made"]])(
  "verify before the first checkpoint, with a folder %s, says so by a line and an exit code of its own",
  async (_, name) => {
    const empty = await mkdtemp(join(tmpdir(), "audit-"));
    onTestFinished(() => rm(empty, { recursive: true }));
    const folder = join(empty, name);
    const { code, printed, noted } = await runWith(folder, "verify");
    expect(code).toBe(3);
    expect(printed).toEqual(["The audit trail is intact; rows: 3, checkpoints: 0, waiting to be sealed: 0."]);
    expect(noted).toEqual([expect.stringContaining(`There is no checkpoint in ${folder} yet`)]);
  },
);

test("verify answers 0 for an intact trail and 1 for a broken one, naming the row", async () => {
  expect(await run("verify")).toEqual({
    code: 0,
    noted: [],
    printed: ["The audit trail is intact; rows: 3, checkpoints: 1, waiting to be sealed: 0."],
  });

  await behindTheTrigger(database.sql, "update audit_outcomes set actor = 'nobody' where id = 2");
  const text = await run("verify");
  expect(text.code).toBe(1);
  expect(text.printed[0]).toMatch(/^Row 2, outcome 2: /);
  const json = await run("verify", "--json");
  expect(JSON.parse(json.printed.join())).toMatchObject({
    ok: false,
    rows: 1,
    problems: [{ position: 2, outcomeId: 2 }],
  });
});
