import { Buffer } from "node:buffer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createJobTransaction } from "../../src/delivery/job-transaction.ts";
import { readEvent } from "../../src/delivery/message.ts";
import { modules } from "../../src/jobs/modules.ts";
import { eventually } from "../support/eventually.ts";
import { doctorUpdated, historyOf, type Told } from "../support/restored-history.ts";
import { contentsOf, createReconcileHarness, type ReconcileHarness } from "./reconcile-harness.ts";

let ground: ReconcileHarness;

beforeEach(async () => {
  ground = await createReconcileHarness();
  await ground.tell([doctorUpdated(1, "2026-04-01T09:00:00Z")]);
});
afterEach(() => ground?.close());

function archive(event: Told): void {
  ground.archive.events.push({ ...event, publishedAt: event.timestamp, body: JSON.stringify(event) });
}

/** Has availability handle the event, and reconciles before it commits; what the comparison made of it then. */
async function whileHandled(event: Told, { archived }: { archived: boolean }) {
  const job = modules.find(({ name }) => name === "availability")!.job(ground.config);
  const received = readEvent("availability", { content: Buffer.from(JSON.stringify(event)), properties: {} });
  const running: ReturnType<typeof ground.reconcile>[] = [];
  await ground.sql.begin(async (transaction) => {
    await createJobTransaction(job, () => new Date())(transaction, [received]);
    if (archived) archive(event);
    running.push(ground.reconcile("--repair", "--job", "availability"));
    await eventually(async () => {
      const waiting = await ground.sql`select from pg_locks where not granted and pid <> pg_backend_pid()`;
      expect(waiting).not.toHaveLength(0);
    });
  });
  return await running[0]!;
}

test.each([true, false])("what a job is at work on is no difference; archived: %s", async (archived) => {
  const visit = historyOf();
  await ground.tell([visit.created()]);
  const moved = visit.moved(12);
  const { differences, report } = await whileHandled(moved, { archived });
  expect({ differences, left: report.left })
    .toEqual({ differences: [], left: archived ? {} : { "availability: on its way": 1 } });
  const [row] = await ground.sql`select starts_at from availability_visits`;
  expect(row!["starts_at"]).toEqual(new Date("2030-05-06T12:00:00Z"));
  expect(
    await ground.sql`
    select from audit_outcomes where job = 'availability' and event_key = ${moved.eventId}`,
  ).toHaveLength(1);
});

test("a row that a job adds at the same moment is not added twice", async () => {
  const visit = historyOf();
  const created = visit.created();
  const { differences } = await whileHandled(created, { archived: true });
  expect(differences).toEqual([]);
  expect(await ground.sql`select from availability_visits`).toHaveLength(1);
});

test("two comparisons are not at work at the same time", async () => {
  const both = await Promise.allSettled([ground.reconcile(), ground.reconcile()]);
  const [refused] = both.filter((one) => one.status === "rejected");
  expect(String(refused!.reason)).toMatch(/another process reconciles at this moment/);
});

test("beside the jobs at work it mends nothing twice, and the tables are those of the events alone", async () => {
  const visits = Array.from({ length: 12 }, () => {
    const visit = historyOf();
    return [visit.created(), visit.moved(11), visit.contact(), visit.moved(12), visit.cancelled()];
  });

  // Whatever is archived and not handled is missing to the comparison, which handles it as well.
  let running = true;
  const jobsAtWork = Promise.all(visits.map(async (visit) => {
    for (const event of visit) {
      archive(event);
      await Promise.all(modules.map(({ name }) => ground.handle(name, event)));
    }
  })).finally(() => (running = false));
  let runs = 0;
  while (running) {
    const { report } = await ground.reconcile("--repair");
    expect(report.failures).toEqual([]);
    runs++;
  }
  await jobsAtWork;
  expect(runs).toBeGreaterThan(0);
  await ground.settle();
  expect((await ground.reconcile()).differences).toEqual([]);

  const beside = await contentsOf(ground.sql);
  const alone = await createReconcileHarness();
  try {
    await alone.tell([doctorUpdated(1, "2026-04-01T09:00:00Z")]);
    for (const visit of visits) await alone.tell(visit);
    await alone.settle();
    const isOfVisit = (row: string) => visits.some(([created]) => row.includes(created!.aggregateId));
    expect(beside.filter(isOfVisit)).toEqual((await contentsOf(alone.sql)).filter(isOfVisit));
  } finally {
    await alone.close();
  }
}, 120_000);
