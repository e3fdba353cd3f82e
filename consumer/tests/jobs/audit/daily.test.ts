import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { createAuditVerifier } from "../../../src/jobs/audit/audit-verifier.ts";
import { createSealWatch } from "../../../src/jobs/audit/seal-watch.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";
import { eventually } from "../../support/eventually.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";

let audit: AuditHarness;
let now: Date;

beforeAll(async () => {
  audit = await createAuditHarness();
});
afterAll(() => audit.drop());
beforeEach(async () => {
  await audit.empty();
  now = new Date("2026-03-01T00:00:00Z");
});

const settings = () => ({ ...audit.checkpoints, hmacKey: undefined, databaseUrl: undefined, witness: undefined });

function startVerifier() {
  const metrics = createMetrics();
  const stop = new AbortController();
  const verifier = createAuditVerifier({
    sql: audit.sql,
    owner: audit.sql,
    audit: settings(),
    log: pino({ enabled: false }),
    now: () => now,
    metrics,
    patienceMs: 200,
    firstLookMs: 5,
    lookEveryMs: 5,
  });
  const running = verifier.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return async (name: string) => (await metrics.registry.getSingleMetric(name)!.get()).values[0]!.value;
}

const at = (time: string) => Date.parse(time) / 1_000;

test("the trail is verified when a process has started, and a day later, and a metric tells what was found", async () => {
  await audit.append(3);
  await audit.seal();
  const gauge = startVerifier();
  await eventually(async () =>
    expect(await gauge("audit_verified_timestamp_seconds")).toBe(at("2026-03-01T00:00:00Z"))
  );
  expect(await gauge("audit_problems")).toBe(0);

  await behindTheTrigger(audit.sql, "update audit_outcomes set action = 'ignored' where id = 2");
  now = new Date("2026-03-01T23:59:00Z");
  // Another process starts meanwhile: it takes what this one has found.
  const other = startVerifier();
  await eventually(async () =>
    expect(await other("audit_verified_timestamp_seconds")).toBe(at("2026-03-01T00:00:00Z"))
  );
  expect(await other("audit_problems")).toBe(0);

  now = new Date("2026-03-02T00:00:01Z");
  await eventually(async () => expect(await gauge("audit_problems")).toBe(1));
  await eventually(async () => expect(await other("audit_problems")).toBe(1));
  const told = JSON.parse(await readFile(join(audit.checkpoints.folder, "last-verification.json"), "utf8"));
  expect(told.problems).toEqual([expect.stringMatching(/^Row 2, outcome 2: /)]);
});

test("how long a row waits for its seal and its checkpoint is seen, whatever its own time says", async () => {
  let seconds = 0;
  const watch = createSealWatch(audit.sql, settings(), () => 1_000 * seconds);
  expect(await watch()).toEqual({ unsignedRows: 0, waitingSeconds: 0 });
  await audit.append(2);
  expect(await watch()).toEqual({ unsignedRows: 0, waitingSeconds: 0 });
  seconds = 90;
  expect(await watch()).toEqual({ unsignedRows: 0, waitingSeconds: 90 });
  await audit.seal();
  expect(await watch()).toEqual({ unsignedRows: 0, waitingSeconds: 0 });

  await audit.append(1);
  const { folder } = audit.checkpoints;
  const stop = audit.startSealer({ checkpoints: undefined });
  await audit.sealed();
  await stop();
  expect(await watch()).toEqual({ unsignedRows: 1, waitingSeconds: 0 });
  seconds = 100;
  expect(await watch()).toEqual({ unsignedRows: 1, waitingSeconds: 10 });
  const none = { ...settings(), folder: undefined };
  expect(await createSealWatch(audit.sql, none, () => 0)()).toEqual({ unsignedRows: 3, waitingSeconds: 0 });
  const hmac = { ...settings(), folder, signer: undefined, hmacKey: "a key of at least thirty-two characters" };
  expect(await createSealWatch(audit.sql, hmac, () => 0)()).toEqual({ unsignedRows: 0, waitingSeconds: 0 });
});
