import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { readPages } from "./read-pages.ts";
import type { OpsOptions } from "./request-producer.ts";

const pendingSchema = v.object({ position: v.number() });
const pauseMs = 500;

/** The position of the newest event that is not in the archive yet; 0 when all are. */
export async function newestPending(options: OpsOptions): Promise<number> {
  let newest = 0;
  for await (const { position } of readPages(options, "outbox", pendingSchema)) newest = position;
  return newest;
}

/**
 * Waits until everything up to that position has left the outbox for the archive, or until `deadline` (ms): the queues
 * may have an event for as long as the relay waits for its confirm before it is archived. What is refused may stay in
 * the outbox for ever, and is published again.
 */
export async function untilArchived(options: OpsOptions, newest: number, deadline: number): Promise<void> {
  while (newest > 0 && Date.now() < deadline) {
    const { value: oldest } = await readPages({ ...options, limit: 1 }, "outbox", pendingSchema).next();
    if (!oldest || oldest.position > newest) return;
    await sleep(pauseMs);
  }
}
