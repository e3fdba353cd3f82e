import { Buffer } from "node:buffer";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type MatchersV3, Pact } from "@pact-foundation/pact";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvent, type ReceivedEvent } from "../../src/delivery/message.ts";
import { createOpenTogether } from "../../src/delivery/open-together.ts";
import type { EventName } from "../../src/generated/events.ts";
import type { JobName } from "../../src/generated/jobs.ts";
import { sourceExchange } from "../../src/generated/topology.ts";
import type { Job, JobOutcome } from "../../src/jobs/job.ts";
import { findExampleKeys } from "./encrypted-examples.ts";
import { decide } from "../support/decide.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { envelope } from "./expected-fields.ts";

type Fields = Record<string, MatchersV3.Matcher<unknown>>;

/** What a job needs of one event, and what it does with it. */
export interface ExpectedEvent {
  /** The provider state, in the words of `contracts/clinic/provider-states.ts`. */
  state: string;
  /** Optional envelope fields that this version always has. */
  bound?: Fields;
  /** Payload fields that the producer always sends. */
  required?: Fields;
  /** Payload fields that the job uses when they are there. */
  optional?: Fields;
  /** Fields that are never in one event with all of the others. */
  apart?: {
    what: string;
    state: string;
    optional: Fields;
    before: object[];
    check(database: TestDatabase["sql"]): Promise<void>;
  };
  outcome: JobOutcome["kind"];
  /** Looks at the database after the event; `complete` tells whether the optional fields were there. */
  check?(database: TestDatabase["sql"], complete: boolean): Promise<void>;
}

export interface JobPact<Event, Known, Change> {
  job: Job<Event, Known, Change>;
  /** Optional envelope fields that the job reads. */
  envelope: Fields;
  /** An event that has several versions has a list of them, the oldest first. */
  events: Partial<Record<EventName, ExpectedEvent | ExpectedEvent[]>>;
  /** The events that have to be known before the one in question; bodies that the job has accepted elsewhere. */
  before?(eventName: EventName): object[];
}

/** Without PACT_DIR the pact is thrown away: the tests still say whether the job understands what it expects. */
const dir = process.env.PACT_DIR ?? mkdtempSync(join(tmpdir(), "pacts-"));

/**
 * Writes one pact: two interactions for each event, with what is required and with everything that is read, and one more
 * for fields that stand apart. Each is handed, as bytes, to the real decision on what a real database knows.
 */
export function describeJobPact<Event, Known, Change>(
  { job, envelope: reads, events, before }: JobPact<Event, Known, Change>,
): void {
  const pact = new Pact({
    consumer: `appointment-${job.name}`,
    provider: "appointment-producer",
    dir,
    logLevel: "warn",
  });

  const versions = (Object.entries(events) as [EventName, ExpectedEvent | ExpectedEvent[]][]).flatMap(([name, all]) =>
    [all].flat().map((event, index) => ({ name, version: index + 1, event }))
  );

  describe(`pact of the job ${job.name}`, () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createTestDatabase();
    });
    afterAll(async () => {
      await database.drop();
      if (process.env.PACT_DIR === undefined) rmSync(dir, { recursive: true });
    });

    const openTogether = createOpenTogether(job.name, findExampleKeys);
    async function handle(body: unknown): Promise<JobOutcome> {
      const content = Buffer.from(JSON.stringify(body));
      const [received] = await openTogether(
        [readEvent(job.name, { content, properties: {} })],
        (question) => question(),
      );
      if (!received || received instanceof Error) throw received;
      return await database.sql.begin((transaction) =>
        decide(transaction, job, received.event as Event, context(received))
      );
    }

    test("expects exactly the fields that x-reads lists", () => {
      const expected = versions.map(({ name, version, event }) => [
        keyOf(name, version),
        [...Object.keys(reads), ...payloadFields(event).map((field) => `payload.${field}`)].sort(),
      ]);
      expect(Object.fromEntries(expected)).toEqual(declaredReads(job.name));
    });

    for (const { name, version, event } of versions) {
      const called = version === 1 ? name : `${name} version ${version}`;
      for (const { what, state, complete, bound, payload, earlier, check } of interactionsOf(event)) {
        test(`${called} with ${what} is ${event.outcome}`, async () => {
          await emptyTables(database);
          for (const body of earlier ?? before?.(name) ?? []) await handle(body);
          await pact
            .addAsynchronousInteraction()
            .given(state, { optionalFields: complete })
            .expectsToReceive(`${called} with ${what}`, (message) => {
              message.withMetadata({
                contentType: "application/json",
                exchange: sourceExchange.name,
                routingKey: name,
              });
              message.withJSONContent({ ...envelope(name), version, ...bound, ...(complete ? reads : {}), payload });
            })
            .executeTest(async (message) => {
              const outcome = await handle(message.contents.content);
              expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: event.outcome });
              await check?.(database.sql);
            });
        });
      }
    }
  });
}

function context({ eventKey }: ReceivedEvent) {
  return { eventKey, now: new Date("2026-11-23T08:30:00Z") };
}

function interactionsOf({ state, bound, required, optional, apart, check }: ExpectedEvent) {
  const usual = [false, true].map((complete) => ({
    what: complete ? "everything that the job reads" : "only the required fields",
    state,
    complete,
    bound,
    payload: { ...required, ...(complete ? optional : {}) },
    earlier: undefined,
    check: check && ((sql: TestDatabase["sql"]) => check(sql, complete)),
  }));
  if (!apart) return usual;
  const payload = { ...required, ...apart.optional };
  return [...usual, { ...apart, complete: true, bound, payload, earlier: apart.before }];
}

function payloadFields({ required, optional, apart }: ExpectedEvent): string[] {
  return [...new Set([required, optional, apart?.optional].flatMap((fields) => Object.keys(fields ?? {})))];
}

// deno-lint-ignore no-explicit-any
const document: any = JSON.parse(
  readFileSync(new URL("../../src/generated/asyncapi.json", import.meta.url), "utf8"),
);

/** The message's key in the AsyncAPI document: `appointmentCreated` for version 1 of `appointment.created`. */
function keyOf(eventName: string, version: number): string {
  const { messages, schemas } = document.components;
  const found = Object.keys(messages).find((key) => {
    const { name, payload } = messages[key];
    const { properties } = payload.$ref ? schemas[payload.$ref.split("/").at(-1)] : payload;
    return name === eventName && properties.version.const === version;
  });
  if (!found) throw new Error(`The contract has no version ${version} of the event ${eventName}`);
  return found;
}

function declaredReads(job: JobName): Record<string, string[]> {
  const reads = document.operations[job]["x-reads"] as Record<string, string[]>;
  return Object.fromEntries(Object.entries(reads).map(([key, fields]) => [key, [...fields].sort()]));
}

/** Every interaction starts from what its own `before` says. */
async function emptyTables({ sql }: TestDatabase): Promise<void> {
  const rows = await sql<{ name: string }[]>`
    select tablename as name from pg_tables
    where schemaname = 'public' and tablename <> 'schema_migrations' and tablename not like 'audit%'`;
  if (rows.length > 0) await sql`truncate ${sql(rows.map((row) => row.name))} cascade`;
}
