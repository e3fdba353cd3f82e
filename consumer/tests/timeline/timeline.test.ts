import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../src/generated/topology.ts";
import type { Step, Timeline } from "../../src/timeline/timeline.ts";
import { timelineCommand } from "../../src/timeline/command.ts";
import { createReplayHarness, type ReplayHarness } from "../support/replay-harness.ts";
import { doctorUpdated, historyOf, type Told } from "../support/restored-history.ts";
import { type RunningConsumer, startConsumer } from "../support/running-consumer.ts";
import { type MailServer, openMailServer } from "../jobs/notifications/mail-server.ts";

const mailFrom = "appointments@clinic.example";
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
let harness: ReplayHarness;
let mail: MailServer;
let consumer: RunningConsumer;

beforeAll(async () => {
  harness = await createReplayHarness(queues);
  mail = await openMailServer();
  consumer = await startConsumer(harness, { SMTP_URL: mail.url, MAIL_FROM: mailFrom, REMINDER_LEAD_MINUTES: "60" });
  await tell(doctorUpdated(1, "2026-03-01T08:00:00Z"));
});
afterAll(async () => {
  await consumer?.stop();
  await mail?.stop();
  await harness?.close();
});

async function tell(event: Told, more: Record<string, unknown> = {}): Promise<void> {
  await harness.publish({ ...event, ...more }, {}, undefined, event.eventName);
}

function archive(event: Told, more: Record<string, unknown> = {}): void {
  const body = JSON.stringify({ ...event, ...more });
  harness.archive.events.push({ ...event, publishedAt: "2026-04-01T10:01:00.500Z", body });
}

async function timeline(...words: string[]): Promise<Timeline> {
  const { code, printed } = await harness.run(timelineCommand, [...words, "--json"], {
    SMTP_URL: mail.url,
    MAIL_FROM: mailFrom,
    TRACE_URL: "https://traces.clinic.example/{traceId}",
  });
  expect(code).toBe(0);
  return JSON.parse(printed[0]!);
}

const stepsOf = ({ events, later }: Timeline) => [...events.flatMap(({ steps }) => steps), ...later];
const find = (timeline: Timeline, part: string, what: string | RegExp): Step | undefined =>
  stepsOf(timeline).find((step) =>
    step.part === part && (what instanceof RegExp ? what.test(step.what) : step.what === what)
  );

test("an appointment's way from the request to its mails, with what proves each of them", async () => {
  const created = { ...historyOf().created(), correlationId: "request-1", actor: "reception" };
  await tell(created);
  archive(created);
  const mails = () =>
    timeline(created.aggregateId).then((one) =>
      stepsOf(one).filter(({ what, state, proof }) =>
        what.startsWith("e-mail") && state === "done" && proof["chain hash"]
      )
    );
  await expect.poll(mails).toHaveLength(2);

  const whole = await timeline(created.aggregateId);
  const [event] = whole.events;
  expect(whole).toMatchObject({ id: created.aggregateId, producer: "known", state: "done" });
  expect(event).toMatchObject({
    eventKey: created.eventId,
    correlationId: "request-1",
    actor: "reception",
    version: 1,
  });
  expect(event?.steps.slice(0, 2)).toMatchObject([
    { part: "producer", what: "requested", at: created.timestamp, lagMs: 0, detail: "by reception" },
    { part: "producer", what: "published and confirmed", lagMs: 500 },
  ]);
  for (const job of ["notifications", "availability", "calendar", "analytics"]) {
    expect(find(whole, job, "applied"), job).toMatchObject({
      state: "done",
      proof: { "chain hash": expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  }
  expect(find(whole, "audit", "recorded")).toMatchObject({ state: "done" });
  for (const sent of await mails()) {
    const caught = mail.mails.find(({ raw }) =>
      createHash("sha256").update(raw).digest("hex") === sent.proof["mail's SHA-256"]
    );
    expect(`<${caught?.messageId}>`.replace("<<", "<").replace(">>", ">")).toBe(sent.proof["Message-ID"]);
    expect(sent.proof["SMTP response"]).toMatch(/^250 /);
    expect(sent.proof["to"]).toBeUndefined();
  }
  expect(find(whole, "notifications", /^reminder 60/)).toMatchObject({
    state: "planned",
    waitsFor: expect.stringMatching(/^its time/),
  });
  expect(JSON.stringify(whole)).not.toContain("pat@example.org");

  for (const word of [created.eventId, created.eventId.toUpperCase(), "request-1"]) {
    expect((await timeline(word)).id, word).toBe(created.aggregateId);
  }
  const personal = await timeline("PAT@example.org", "--personal");
  expect(personal.id).toBe(created.aggregateId);
  expect(JSON.stringify(personal)).toContain("pat@example.org");
  const looked = await harness.database.sql`
    select actor from audit_outcomes where job = 'timeline' and action = 'looked-up' and aggregate_id = ${created.aggregateId}`;
  expect(looked[0]?.["actor"]).toMatch(/^operator:/);
});

test("what is delayed, dead, missing at a job or not published yet says what it waits for and since when", async () => {
  const history = historyOf();
  const created = history.created();
  // Its predecessor never comes.
  const moved = history.moved(12);
  await tell(moved);
  await expect.poll(async () => find(await timeline(history.aggregateId), "notifications", /^waited/)).toMatchObject({
    state: "waiting",
    waitsFor: expect.stringMatching(/./),
    since: expect.stringMatching(/^20/),
  });
  expect((await timeline(history.aggregateId)).state).toBe("waiting");

  const { payload: _, ...hostile } = { ...created, aggregateVersion: 1 };
  await harness.publish({ ...hostile, payload: { doctorId: 7 } });
  await expect.poll(async () =>
    find(await timeline(history.aggregateId), "calendar", /^dead-lettered: schema-violation/)
  )
    .toMatchObject({
      state: "failed",
      waitsFor: "a person: replay or discard it",
      deadLetter: expect.stringMatching(/^\d+$/),
    });
  expect(await timeline(history.aggregateId)).toMatchObject({
    state: "failed",
    summary: expect.stringMatching(/^Waits for a person: /),
  });

  const unheard = historyOf().created();
  archive(unheard);
  const missing = await timeline(unheard.aggregateId);
  expect(missing.state).toBe("stuck");
  expect(find(missing, "analytics", "received")).toMatchObject({
    state: "stuck",
    waitsFor: "its turn in the job's queue",
    since: "2026-04-01T10:01:00.500Z",
  });
});

test("without a producer it says so, and who asks for nothing known, or for an address without saying so, is told", async () => {
  const created = historyOf().created();
  await tell(created);
  const alone = { PRODUCER_OPS_URL: "", PRODUCER_OPS_KEY: "" };
  const run = (...words: string[]) => harness.run(timelineCommand, words, alone);
  await expect.poll(async () => (await run(created.aggregateId)).code).toBe(0);
  const { printed } = await run(created.aggregateId);
  expect(printed).toContain("producer unknown: PRODUCER_OPS_URL is not set");
  expect((await run("nobody-knows-this")).code).toBe(1);
  await expect(run("pat@example.org")).rejects.toThrow("--personal");

  await harness.archive.close();
  const silent = await timeline(created.aggregateId);
  expect(silent).toMatchObject({ producer: "unknown", producerReason: expect.stringMatching(/./) });
  expect(find(silent, "producer", "published")).toMatchObject({ state: "unknown", detail: "producer unknown" });
});

test("a trace that an event brings is a link", async () => {
  const created = historyOf().created();
  await harness.publish({ ...created, payload: {} }, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
  await expect.poll(async () => (await harness.run(timelineCommand, [created.aggregateId])).code).toBe(0);
  const { events } = await timeline(created.aggregateId);
  expect(events[0]?.traceUrl).toBe(`https://traces.clinic.example/${traceId}`);
});
