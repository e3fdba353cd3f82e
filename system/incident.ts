import { readFileSync } from "node:fs";
import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConfirmChannel, connect } from "amqplib";
import postgres, { type Sql } from "postgres";
import { StackError } from "./stack/stack-error.ts";

interface Message {
  eventKey: string;
  eventName: string | null;
  body: string;
  headers: Record<string, string | number>;
  messageId: string | null;
}

/** What `consumer incident` writes, as far as it is read here. */
interface Incident {
  format: number;
  id: string;
  topology: Record<string, { retry: { exchange: string; routingKey: string } }>;
  timeline: { summary: string };
  events: Message[];
  deadLetters: (Message & { job: string; reason: string })[];
  expected: { job: string; eventKey: string; outcome: string }[];
}

export interface IncidentServers {
  amqp: string;
  consumerDatabase: string;
}

const exchange = "appointments.ex";
/** Together with the start it is under a minute. */
const timeoutMs = 30_000;
const pollMs = 200;

/** Reads it before anything is started: a file that is none is told at once. */
export function readIncident(file: string): Incident {
  let incident: Incident;
  try {
    incident = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new StackError(`${file} can't be read as JSON: ${(cause as Error).message}`, { cause });
  }
  if (incident.format !== 1) throw new StackError(`${file} is no bundle of consumer incident, or of another format`);
  return incident;
}

export function tellsOf({ events }: Incident, aggregateId: string): boolean {
  return events.some(({ body }) => JSON.parse(body).aggregateId === aggregateId);
}

/** Tells the local system all that the incident was told, and prints what became of it beside what became of it there. */
export async function showIncident(
  incident: Incident,
  { amqp, consumerDatabase }: IncidentServers,
  signal: AbortSignal,
): Promise<void> {
  const { id, events, deadLetters, expected, timeline } = incident;
  console.log(`\nThe incident of ${id}: ${timeline.summary}\n`);
  await publishAll(incident, amqp);
  console.log(`${events.length + lettersAlone(incident).length} messages published\n`);
  const sql = postgres(consumerDatabase, { max: 1, onnotice: () => {} });
  try {
    const seen = await whatBecame(
      sql,
      [...new Set([...events, ...deadLetters].map(({ eventKey }) => eventKey))],
      expected,
      signal,
    );
    for (const line of compare(incident, seen)) console.log(line);
  } finally {
    await sql.end();
  }
  console.log(`\nMore: npm run consumer -- timeline ${id}\n`);
}

/** Of which no event is there that their job would be told anyway. */
function lettersAlone({ events, deadLetters }: Incident) {
  const bodies = new Set(events.map(({ body }) => body));
  return deadLetters.filter(({ body }) => !bodies.has(body));
}

async function publishAll(incident: Incident, amqp: string): Promise<void> {
  const connection = await connect(amqp);
  try {
    const channel = await connection.createConfirmChannel();
    for (const event of incident.events) {
      await publish(channel, exchange, event.eventName ?? "appointment.created", event);
    }
    for (const letter of lettersAlone(incident)) {
      const { retry } = incident.topology[letter.job]!;
      await publish(channel, retry.exchange, retry.routingKey, letter);
    }
  } finally {
    await connection.close();
  }
}

function publish(channel: ConfirmChannel, to: string, routingKey: string, message: Message): Promise<void> {
  const { body, headers, eventKey, eventName, messageId } = message;
  const properties = {
    persistent: true,
    contentType: "application/json",
    headers,
    messageId: messageId ?? eventKey,
    ...(eventName !== null && { type: eventName }),
  };
  return new Promise((resolve, reject) => {
    channel.publish(to, routingKey, Buffer.from(body), properties, (error) => error ? reject(error) : resolve());
  });
}

type Seen = Map<string, string>;
const keyOf = (job: string, eventKey: string) => `${job} ${eventKey}`;

async function whatBecame(
  sql: Sql,
  keys: string[],
  expected: Incident["expected"],
  signal: AbortSignal,
): Promise<Seen> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const rows = await sql<{ job: string; eventKey: string; outcome: string }[]>`
      SELECT job, event_key AS "eventKey", kind || ': ' || reason AS outcome FROM delivery_delays WHERE event_key = ANY(${keys})
      UNION ALL
      SELECT job, event_key, 'dead letter: ' || reason FROM dead_letters WHERE event_key = ANY(${keys})
      UNION ALL
      SELECT job, event_key, outcome FROM inbox WHERE event_key = ANY(${keys})`;
    const seen = new Map(rows.map(({ job, eventKey, outcome }) => [keyOf(job, eventKey), outcome]));
    const open = expected.filter(({ job, eventKey }) => !seen.has(keyOf(job, eventKey)));
    if (open.length === 0 || Date.now() > deadline) return seen;
    await sleep(pollMs, undefined, { signal });
  }
}

/** An event that was given up after all its retries, or its wait, is at its first of them here. */
function isSame(expected: string, seen: string | undefined): boolean {
  if (expected === "dead letter: retries-exhausted") return seen?.startsWith("retry: ") === true;
  if (expected === "dead letter: gap") return seen?.startsWith("wait: ") === true || seen === expected;
  return seen === expected;
}

function compare({ expected, events }: Incident, seen: Seen): string[] {
  const names = new Map(events.map(({ eventKey, eventName }) => [eventKey, eventName ?? ""]));
  const rows = expected.map(({ job, eventKey, outcome }) => {
    const here = seen.get(keyOf(job, eventKey));
    return { same: isSame(outcome, here), text: `${job}, ${names.get(eventKey) ?? eventKey}: ${outcome}`, here };
  });
  const same = rows.filter((row) => row.same).length;
  return [
    ...rows.map((row) =>
      row.same ? `  same    ${row.text}` : `  OTHER   ${row.text}; here ${row.here ?? "nothing yet"}`
    ),
    "",
    same === rows.length
      ? `The incident is reproduced: all ${rows.length} outcomes are as they were.`
      : `${same} of ${rows.length} outcomes are as they were.`,
  ];
}
