import type { GetMessage } from "amqplib";
import { type JobName, jobs } from "../../src/generated/jobs.ts";
import type { DeliveryHarness } from "./delivery-harness.ts";

interface Published {
  eventName: string;
  eventId: string;
}

/** What lies in a queue; all of it is given back. */
async function peek({ connection }: DeliveryHarness, queue: string): Promise<GetMessage[]> {
  const channel = await (await connection.current(AbortSignal.timeout(5_000))).createChannel();
  const messages: GetMessage[] = [];
  for (let message = await channel.get(queue); message; message = await channel.get(queue)) messages.push(message);
  await channel.close();
  return messages;
}

/**
 * A line on each event that a job has no inbox row of, which says where it is. The consumers must have ended: what they
 * hold is in no queue.
 */
export async function findMissing(harness: DeliveryHarness, published: readonly Published[]): Promise<string[]> {
  const { database: { sql }, topology } = harness;
  const found: string[] = [];
  for (const job of Object.keys(jobs) as JobName[]) {
    const { name, retry, deadLetter } = topology[job];
    const processed = new Set((await sql`select event_key from inbox where job = ${job}`).map((row) => row.event_key));
    const missing = published.filter(({ eventName, eventId }) =>
      Object.hasOwn(jobs[job].events, eventName) && !processed.has(eventId)
    );
    if (missing.length === 0) continue;
    const places: { body: string; place: string }[] = [];
    for (const queue of [name, ...retry.delays.map((delay) => delay.queue), deadLetter.queue]) {
      for (const { content, properties: { headers } } of await peek(harness, queue)) {
        places.push({ body: content.toString(), place: `in ${queue} with ${JSON.stringify(headers)}` });
      }
    }
    const letters = await sql<{ body: Uint8Array; reason: string; state: string; headers: unknown }[]>`
      select body, reason, state, headers from dead_letters where job = ${job}`;
    for (const { body, reason, state, headers } of letters) {
      const place = `dead-lettered as ${reason}, ${state}, with ${JSON.stringify(headers)}`;
      places.push({ body: new TextDecoder().decode(body), place });
    }
    for (const { eventId } of missing) {
      const where = places.filter(({ body }) => body.includes(eventId)).map(({ place }) => place);
      found.push(`${job}: ${eventId} is ${where.join(" and ") || "nowhere"}`);
    }
  }
  return found;
}
