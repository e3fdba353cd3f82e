import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { MatchersV3, Pact } from "@pact-foundation/pact";
import { afterAll, describe, expect, test } from "vitest";
import { eventNames } from "../../src/generated/events.ts";
import { type ArchivedEvent, readArchive } from "../../src/replay/archive-client.ts";
import { newestPending } from "../../src/replay/until-archived.ts";

const { eachLike, integer, regex, string, uuid } = MatchersV3;

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

describe("pact of the replay with the producer's operations interface", () => {
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
});
