import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Buffer } from "node:buffer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommandLine } from "../../../src/cli/command-line.ts";
import { noProgress } from "../../../src/cli/progress.ts";
import { appendAudits } from "../../../src/jobs/audit/audit-log.ts";
import { readRowsOf } from "../../../src/jobs/audit/chain-store.ts";
import { checkReceipt, createReceipt } from "../../../src/jobs/audit/receipt.ts";
import { signerOf, writeVerifier } from "../../../src/jobs/audit/signed-note.ts";
import { readLatestNote } from "../../../src/jobs/audit/tree-checkpoints.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";
import { runAudit } from "./run-audit.ts";

let audit: AuditHarness;
let files: string;
const eventKey = randomUUID();

const recorded = (key: string, detail: Record<string, string>) => ({
  occurredAt: new Date("2026-04-01T10:00:00Z"),
  job: "audit",
  action: "recorded",
  eventKey: key,
  eventName: "appointment.created",
  aggregateId: randomUUID(),
  correlationId: randomUUID(),
  actor: "reception",
  detail,
});
const detail = { doctorId: "house", appointmentDate: "2026-05-04T09:00:00Z" };

beforeAll(async () => {
  audit = await createAuditHarness();
  files = await mkdtemp(join(tmpdir(), "receipts-"));
  await audit.append(300);
  await appendAudits(audit.sql, [
    { ...recorded(eventKey, detail), job: "calendar", action: "applied" },
    recorded(eventKey, detail),
    recorded("long", { ...detail, more: "x".repeat(2_000) }),
  ]);
  await audit.append(300);
  await audit.seal();
});
afterAll(async () => {
  await rm(files, { recursive: true });
  await audit.drop();
});

const settings = () => ({ jobs: audit, ...audit.checkpoints });
const receipt = async (...args: string[]) => (await runAudit(settings(), "receipt", ...args)).printed.join("\n") + "\n";

/** As somebody calls it who has nothing but the file and the public key. */
async function verifyReceipt(text: string, signer = audit.checkpoints.signer) {
  const file = join(files, "receipt.tlog-proof");
  await writeFile(file, text);
  const printed: string[] = [];
  const noted: string[] = [];
  const words = ["audit", "verify-receipt", file, "--public-key", writeVerifier(signer), "--json"];
  const code = await runCommandLine(words, {
    environment: {},
    progress: noProgress,
    print: (line) => printed.push(line),
    note: (line) => noted.push(line),
    serve: () => Promise.reject(new Error("not called")),
  });
  return { code, noted, answer: JSON.parse(printed.join()) };
}

test("a receipt of under 2 KB proves to whoever has the public key what was recorded, and that it is sealed", async () => {
  const text = await receipt(eventKey);
  expect(Buffer.byteLength(text)).toBeLessThan(2_048);
  expect(await verifyReceipt(text)).toMatchObject({
    code: 0,
    answer: {
      ok: true,
      origin: "clinic.example/audit",
      size: 603,
      row: { position: 302, eventKey, action: "recorded", detail },
    },
  });
});

test("any row of the event has one, by its position", async () => {
  const { noted } = await runAudit(settings(), "receipt", eventKey);
  expect(noted).toEqual(["Of row 302; --position gives those of the rows 301 (calendar applied)."]);
  expect((await verifyReceipt(await receipt(eventKey, "--position", "301"))).answer.row).toMatchObject({
    job: "calendar",
  });
  expect((await runAudit(settings(), "receipt", eventKey, "--position", "1")).code).toBe(1);
  expect((await runAudit(settings(), "receipt", "unknown")).code).toBe(1);
});

test("a receipt reads the tree with one statement", async () => {
  const { folder, signer } = audit.checkpoints;
  const [row] = await readRowsOf(audit.sql, eventKey);
  const note = (await readLatestNote(folder))!;
  let statements = 0;
  const sql = new Proxy(audit.sql, {
    apply(target, self, args) {
      statements += 1;
      return Reflect.apply(target as never, self, args);
    },
  });
  await createReceipt({ sql, note, verifiers: [signer] }, row!.position, row!.outcome!);
  expect(statements).toBe(1);
});

test("of a detail that would not fit the receipt has the SHA-256", async () => {
  const text = await receipt("long");
  expect(Buffer.byteLength(text)).toBeLessThan(2_048);
  const { code, answer } = await verifyReceipt(text);
  expect(code).toBe(0);
  expect(answer.row.detail).toBeUndefined();
  expect(answer.row.detailSha256).toHaveLength(44);
});

test("a receipt that was changed anywhere is not valid", async () => {
  const text = await receipt(eventKey);
  const { verifiers } = { verifiers: [audit.checkpoints.signer] };
  const forged = (change: (row: Record<string, unknown>) => void) =>
    text.replace(/^extra (.*)$/m, (_, base64) => {
      const row = JSON.parse(Buffer.from(base64, "base64").toString());
      change(row);
      return `extra ${Buffer.from(JSON.stringify(row)).toString("base64")}`;
    });
  const changes = [
    forged((row) => row.actor = "nobody"),
    forged((row) => row.detail = { ...detail, doctorId: "wilson" }),
    forged((row) => row.position = 301),
    forged((row) => row.more = "anything"),
    text.replace("index 301", "index 300"),
    text.replace(/\n\S{43}=\n/, "\n"),
    text.replace("\n603\n", "\n602\n"),
    text.replace("clinic.example/audit", "other.example/audit"),
    text.slice(0, -20),
    text.replace("tlog-proof", "tlog-prove"),
    "",
  ];
  for (const change of changes) {
    expect(change).not.toBe(text);
    expect(() => checkReceipt(change, verifiers)).toThrow(expect.objectContaining({ name: "ReceiptError" }));
  }
  expect(await verifyReceipt(changes[0]!)).toMatchObject({ code: 1, answer: { ok: false } });
  const another = signerOf("clinic.example/audit", randomBytes(32));
  expect(await verifyReceipt(text, another)).toMatchObject({ code: 1, answer: { ok: false } });
});

test("of a row that was changed since it was sealed there is no receipt", async () => {
  await behindTheTrigger(audit.sql, `update audit_outcomes set actor = 'nobody' where event_key = 'long'`);
  await expect(receipt("long")).rejects.toThrow("is not the one that was sealed");
});
