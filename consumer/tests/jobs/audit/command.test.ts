import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { UsageError } from "../../../src/cli/command.ts";
import { appendAudit } from "../../../src/jobs/audit/audit-log.ts";
import { sealOutcomes } from "../../../src/jobs/audit/chain-store.ts";
import { signTree } from "../../../src/jobs/audit/sign-tree.ts";
import { parseSigner, signerOf, writeVerifier } from "../../../src/jobs/audit/signed-note.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { runAudit } from "./run-audit.ts";

let database: TestDatabase;
let folder: string;
const signer = signerOf("clinic.example/audit", randomBytes(32));

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "audit-"));
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
  await signTree(database.sql, { folder, signer }, true);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

const run = (...args: string[]) => runAudit({ jobs: database, folder, signer }, ...args);

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
  [["verify", "--public-key", "none"]],
  [["receipt"]],
  [["receipt", "one", "--position", "0"]],
  [["verify-receipt"]],
  [["new-key", "two words"]],
])("%j is refused with the usage", async (args) => {
  await expect(run(...args)).rejects.toThrow(UsageError);
});

test.each([["that is empty", ""], ["that is not there", "never-made"]])(
  "verify before the first checkpoint, with a folder %s, warns by a line and an exit code of its own",
  async (_, name) => {
    const empty = await mkdtemp(join(tmpdir(), "audit-"));
    onTestFinished(() => rm(empty, { recursive: true }));
    const none = join(empty, name);
    const { code, printed, noted } = await runAudit({ jobs: database, folder: none, signer }, "verify");
    expect(code).toBe(3);
    expect(printed).toEqual(["The audit trail is intact; rows: 3, checkpoints: 0, waiting to be sealed: 0."]);
    expect(noted).toContainEqual(expect.stringContaining(`There is no checkpoint in ${none} yet`));
  },
);

test("verify without a folder warns that nobody vouches for the trail", async () => {
  const { code, noted } = await runAudit({ jobs: database }, "verify");
  expect(code).toBe(3);
  expect(noted).toContainEqual(expect.stringContaining("No checkpoints are kept"));
});

test("verify needs the public key only, and takes no other", async () => {
  const { printed } = await run("public-key");
  expect(printed).toEqual([writeVerifier(signer)]);
  const hmacKey = "a key of at least thirty-two characters";
  const others = { jobs: database, folder, hmacKey };
  expect((await runAudit(others, "verify", "--public-key", printed[0]!)).code).toBe(0);
  const another = writeVerifier(signerOf("clinic.example/audit", randomBytes(32)));
  const refused = await runAudit(others, "verify", "--public-key", another);
  expect(refused).toMatchObject({
    code: 1,
    printed: expect.arrayContaining(["latest.checkpoint is not a checkpoint of this key"]),
  });
  expect((await runAudit(others, "verify", "--public-key", another, "--public-key", printed[0]!)).code).toBe(0);
});

test("new-key makes a key that the settings take, and names the public one", async () => {
  const [setting = "", comment] = (await run("new-key", "clinic.example/trail")).printed.join("\n").split("\n");
  const text = setting.replace("AUDIT_SIGNING_KEY=", "");
  const made = parseSigner(text);
  expect(comment).toContain(writeVerifier(made));
  expect((await runAudit({ jobs: database, folder, signer: made }, "public-key")).printed).toEqual([
    writeVerifier(made),
  ]);
});

test("verify answers 0 for an intact trail and 1 for a broken one, naming the row", async () => {
  expect(await run("verify")).toMatchObject({
    code: 0,
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
