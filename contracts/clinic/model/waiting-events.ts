import fc from "fast-check";
import { setTimeout as delay } from "node:timers/promises";
import { type Json, textAt } from "../../src/json.ts";
import type { WireMessage } from "../../src/wire/capture.ts";
import { parseBody, type WireViolation } from "../../src/wire/wire-violations.ts";
import { bookingKinds } from "./booking-kinds.ts";
import { compareEvents } from "./compare.ts";
import { addPlainDoctor, doctorKinds } from "./doctor-kinds.ts";
import type { Kind } from "./walk-command.ts";
import type { TakeMessages } from "./walk.ts";
import { createClinic, type Producer, type WalkedClinic } from "./walked-clinic.ts";

/** The broker, as far as the events that it can't have yet are concerned. */
export interface Broker {
  /** Cuts the producer's connection. The producer comes back by itself. */
  cut(): Promise<void>;
  /** Takes all bindings off the exchange while `body` runs. */
  withoutQueues<T>(body: () => Promise<T>): Promise<T>;
  /** What the producer has not brought to the broker yet. */
  outbox(): Promise<{ attempts: number }[]>;
}

const BOOKINGS = 6;
const RETURNED_MS = 10_000;

/** What waits for the broker goes out the oldest first, whole, and once; what no queue takes does not count as gone. */
export async function walkWaiting(
  producer: Producer,
  take: TakeMessages,
  broker: Broker,
  seed: number,
): Promise<WireViolation[]> {
  const clinic = createClinic(producer);
  let drawn = 0;
  const run = (one: Kind) => plain(one, seed + drawn++).run(clinic, producer);
  const doctor = (name: string) => run(doctorKinds.find((one) => one.name === `doctor: ${name}`) as Kind);

  await run(addPlainDoctor);
  await take();
  const before = clinic.expected.length;
  await broker.cut();
  for (let index = 0; index < BOOKINGS; index++) await run(bookingKinds[index % bookingKinds.length] as Kind);
  for (const change of ["another name", "retire", "return"]) await doctor(change);
  const came = await take();
  const expected = clinic.expected.slice(before);
  const violations = [...compareEvents(expected, came), ...orderViolations(clinic, came)];
  if (violations.length > 0) return violations;

  const last = clinic.expected.length;
  const left = await broker.withoutQueues(async () => {
    await doctor("another phone");
    return await isReturned(broker);
  });
  const returned = await take();
  return left
    ? compareEvents(clinic.expected.slice(last), returned)
    : [wrong("an event that no queue took has left the outbox: it is not published as mandatory")];
}

async function isReturned({ outbox }: Broker): Promise<boolean> {
  const deadline = Date.now() + RETURNED_MS;
  while (Date.now() < deadline) {
    const [item] = await outbox();
    if (!item) return false;
    if (item.attempts > 0) return true;
    await delay(50);
  }
  return false;
}

/** Of the first events of appointments, which wait for no other: each of them went in the order of the requests. */
function orderViolations({ visits }: WalkedClinic, came: readonly WireMessage[]): WireViolation[] {
  const asked = visits.map(({ id }) => id);
  const order = came.map(({ content }) => textAt(parseBody(content) as Json, "aggregateId")).filter((id) =>
    asked.includes(id)
  );
  const isInOrder = order.every((id, index) => id === asked[index]);
  return isInOrder ? [] : [wrong("what waited for the broker did not go out the oldest first")];
}

function plain(one: Kind, seed: number) {
  const commands = fc.sample(one.commands(fc.constant(Infinity)), { numRuns: 20, seed });
  return commands.find((command) => !/"stale":true|"twice":true/.test(String(command))) as typeof commands[number];
}

function wrong(reason: string): WireViolation {
  return { pointer: "/operations", reason };
}
