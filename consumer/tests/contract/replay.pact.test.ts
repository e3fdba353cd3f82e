import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { MatchersV3, Pact } from "@pact-foundation/pact";
import { afterAll, describe, expect, test } from "vitest";
import { eventNames } from "../../src/generated/events.ts";
import { createProducerReports } from "../../src/jobs/notifications/reports/producer-reports.ts";
import { type ArchivedEvent, readArchive } from "../../src/replay/archive-client.ts";
import { newestPending } from "../../src/replay/until-archived.ts";

const { eachLike, fromProviderState, integer, regex, string, uuid } = MatchersV3;

/** Without PACT_DIR the pact is thrown away: the tests still say whether what is expected is understood. */
const dir = process.env.PACT_DIR ?? mkdtempSync(join(tmpdir(), "pacts-"));
const pact = new Pact({ consumer: "appointment-replay", provider: "appointment-producer", dir, logLevel: "warn" });
const key = "ops-key";

const eventId = "0197f3a2-7000-7000-8000-000000000002";
const archived = {
  eventId: uuid(eventId),
  eventName: regex("^[a-z]+\\.[a-z_]+$", eventNames.doctorUpdated),
  aggregateId: string("dr-lovelace"),
  body: regex('^\\{.*"eventName":.*\\}$', '{"eventName":"doctor.updated"}'),
  headers: { "x-event-version": integer(1) },
  publishedAt: regex("^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$", "2026-11-23T08:00:00.000Z"),
};

function asking(what: string, state: string, path: string, query: Record<string, string>) {
  return pact.addInteraction().given(state).uponReceiving(what).withRequest("GET", path, (request) => {
    request.query(query).headers({ "x-api-key": regex(".+", key) });
  });
}

async function read(...archive: Parameters<typeof readArchive>): Promise<ArchivedEvent[]> {
  const events: ArchivedEvent[] = [];
  for await (const event of readArchive(...archive)) events.push(event);
  return events;
}

describe("pact of replay and reports with the producer's operations interface", () => {
  afterAll(() => {
    if (process.env.PACT_DIR === undefined) rmSync(dir, { recursive: true });
  });

  test("reads what was published, with the exact text", async () => {
    await asking("a request for the archive", "events were published", "/ops/archive", { limit: "200" })
      .willRespondWith(200, (response) => void response.jsonBody({ items: eachLike(archived) }))
      .executeTest(async ({ url }) => {
        expect(await read({ url, key }, {})).toEqual([{
          eventId,
          eventName: eventNames.doctorUpdated,
          aggregateId: "dr-lovelace",
          body: '{"eventName":"doctor.updated"}',
          headers: { "x-event-version": 1 },
          publishedAt: new Date("2026-11-23T08:00:00Z"),
        }]);
      });
  });

  test("asks for one type and one time only", async () => {
    const [from, to] = ["2026-01-01T00:00:00.000Z", "2200-01-01T00:00:00.000Z"];
    const query = { from, to, type: eventNames.doctorUpdated, limit: "200" };
    await asking("a request for one type of event", "events were published", "/ops/archive", query)
      .willRespondWith(200, (response) => {
        response.jsonBody({ items: eachLike({ ...archived, eventName: eventNames.doctorUpdated }) });
      })
      .executeTest(async ({ url }) => {
        const filter = { from: new Date(from), to: new Date(to), type: eventNames.doctorUpdated };
        expect(await read({ url, key }, filter)).toHaveLength(1);
      });
  });

  test("goes on where a page ends", async () => {
    await asking("a request for a page of the archive", "events were published", "/ops/archive", { limit: "1" })
      .willRespondWith(200, (response) => void response.jsonBody({ items: [archived], next: string("cursor") }))
      .executeTest(async ({ url }) => {
        const { value } = await readArchive({ url, key, limit: 1 }, {}).next();
        expect(value?.eventId).toBe(eventId);
      });
  });

  test("sees how far the producer is from being done", async () => {
    await asking("a request for the outbox", "an event waits for the broker", "/ops/outbox", { limit: "200" })
      .willRespondWith(200, (response) => void response.jsonBody({ items: eachLike({ position: integer(7) }) }))
      .executeTest(async ({ url }) => {
        expect(await newestPending({ url, key })).toBe(7);
      });
  });

  const report = {
    kind: "send",
    id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4be3",
    happenedAt: new Date("2026-11-23T08:16:00Z"),
    send: {
      appointmentId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
      channel: "email",
      recipient: "ada@example.org",
      template: "patient-booked",
      state: "failed",
      reason: "550 no such mailbox",
      receipt: null,
      isDoctors: false,
    },
  } as const;
  const reported = (appointmentId: unknown) => ({
    id: report.id,
    appointmentId,
    channel: "email",
    recipient: "patient",
    notification: "booked",
    reason: "refused",
    contact: "cfe00dde46ef942601ffafb9e2825e802858b460e586b8305b344c1eb826357d",
    failedAt: "2026-11-23T08:16:00.000Z",
  });

  function reporting(what: string, state: string, path: string, body: object) {
    return pact.addInteraction().given(state).uponReceiving(what).withRequest("POST", path, (request) => {
      request.headers({ "x-api-key": regex(".+", key) }).jsonBody(body);
    });
  }

  test("reports a notification that failed", async () => {
    const appointmentId = fromProviderState("${aggregateId}", report.send.appointmentId);
    const body = reported(appointmentId);
    await reporting(
      "a report of a failed notification",
      "an appointment was created",
      "/ops/failed-notifications",
      body,
    )
      .willRespondWith(200)
      .executeTest(async ({ url }) => {
        expect(await createProducerReports({ url, key })(report)).toEqual({ kind: "accepted" });
      });
  });

  test("hears that an appointment is not there", async () => {
    const body = reported(report.send.appointmentId);
    const what = "a report about an appointment that is not there";
    await reporting(what, "an appointment was created", "/ops/failed-notifications", body)
      .willRespondWith(404, (response) => {
        response.headers({ "Content-Type": "application/problem+json" })
          .jsonBody({ type: "/problems/appointment-not-found" });
      })
      .executeTest(async ({ url }) => {
        expect(await createProducerReports({ url, key })(report)).toMatchObject({ kind: "settled" });
      });
  });

  test("reports a number that opted out", async () => {
    const { id, happenedAt } = report;
    const numberHash = "a".repeat(64);
    const body = { id, channel: "sms", contact: numberHash, optedOut: true, at: "2026-11-23T08:16:00.000Z" };
    await reporting("a report of a number that opted out", "an appointment was created", "/ops/opt-outs", body)
      .willRespondWith(200)
      .executeTest(async ({ url }) => {
        const tell = createProducerReports({ url, key });
        expect(await tell({ kind: "opt-out", id, happenedAt, numberHash, optedOut: true })).toEqual({
          kind: "accepted",
        });
      });
  });
});
