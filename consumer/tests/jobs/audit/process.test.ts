import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { queues } from "../../../src/generated/topology.ts";
import { readEvidence } from "../../../src/jobs/audit/evidence.ts";
import { signerOf, writeSigner } from "../../../src/jobs/audit/signed-note.ts";
import { verifyAudit } from "../../../src/jobs/audit/verify.ts";
import { historyOf } from "../calendar/calendar-events.ts";
import { type CalendarServer, startCalendarServer } from "../calendar/calendar-server.ts";
import { startProcess } from "../../support/consumer-process.ts";
import { startWitness } from "../../support/witness.ts";
import { createDeliveryHarness, type DeliveryHarness } from "../../support/delivery-harness.ts";

let harness: DeliveryHarness;
let calendars: CalendarServer;
let folder: string;
const signer = signerOf("clinic.example/audit", randomBytes(32));

beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
  calendars = await startCalendarServer("clinic", "secret");
  folder = await mkdtemp(join(tmpdir(), "audit-"));
});
afterAll(async () => {
  await calendars.stop();
  await rm(folder, { recursive: true });
  await harness.close();
});

test("a consumer that is stopped has sealed all that it did, and left a checkpoint of it", async () => {
  const witness = await startWitness([signer]);
  onTestFinished(() => witness.stop());
  const consumer = startProcess("src/main.ts", {
    DATABASE_URL: harness.database.url,
    AMQP_URL: harness.vhost.amqpUrl,
    OPS_PORT: "0",
    JOBS: "availability,audit,calendar,analytics",
    CALDAV_URL: calendars.url,
    CALDAV_USERNAME: "clinic",
    CALDAV_PASSWORD: "secret",
    AUDIT_CHECKPOINT_DIR: folder,
    AUDIT_SIGNING_KEY: writeSigner(signer),
    AUDIT_WITNESS_URL: witness.url,
    AUDIT_WITNESS_VKEY: witness.vkey,
  }, []);
  onTestFinished(() => void consumer.child.kill("SIGKILL"));
  const visit = historyOf(1);
  await harness.publish(visit.created());
  await expect.poll(() => calendars.resources.size, { timeout: 60_000 }).toBe(1);
  const actions = () => harness.database.sql`select job, action from audit_outcomes order by job, action`;
  await expect.poll(actions, { timeout: 60_000 }).toEqual([
    { job: "analytics", action: "applied" },
    { job: "audit", action: "applied" },
    { job: "audit", action: "recorded" },
    { job: "availability", action: "applied" },
    { job: "calendar", action: "applied" },
    { job: "calendar", action: "written" },
  ]);
  await expect.poll(() => witness.cosigned.get(signer.name)?.size, { timeout: 60_000 }).toBe(6);

  consumer.signal("SIGTERM");
  expect(await consumer.exited).toBe(0);

  const evidence = await readEvidence({ folder, verifiers: [signer] });
  expect(evidence.heads.at(-1)?.size).toBe(6);
  const verdict = await verifyAudit({ sql: harness.database.sql, evidence, signedSize: evidence.signedSize });
  expect(verdict).toMatchObject({ rows: 6, waiting: 0, problems: [] });
});
