import { Buffer } from "node:buffer";
import type { MessageProperties } from "amqplib";
import type { Sql } from "postgres";
import type { JobName } from "../../generated/jobs.ts";
import { appendAudit } from "../../jobs/audit/audit-log.ts";
import { type DeadLetter, lockDeadLetter, settleDeadLetter } from "./dead-letter-store.ts";
import { acceptConflict, dropConflict } from "../version-conflicts.ts";
import { republished, withoutHistory } from "../../broker/headers.ts";
import type { Publisher } from "../../broker/publisher.ts";
import type { Topology } from "../../broker/topology.ts";

export interface ReplayDependencies {
  sql: Sql;
  publisher: Publisher;
  topology: Topology;
  now: () => Date;
  actor: string;
}

export interface ReplayOptions {
  accept?: boolean;
  why?: string | undefined;
  /** Another body in place of its own, which stays in the store, and the paths at which the two differ. */
  edit?: { body: Uint8Array; paths: string[] } | undefined;
}

/**
 * Puts a dead letter back into its job's queue, with a fresh set of attempts; false when somebody else has settled it.
 * It is marked after the broker's confirm: killed in between, it is in both places and the inbox absorbs the repeat.
 * With `accept`, an event whose version another one has takes the other's place.
 */
export async function replayDeadLetter(
  dependencies: ReplayDependencies,
  id: string,
  { accept = false, why, edit }: ReplayOptions = {},
): Promise<boolean> {
  const { sql, publisher, topology, now, actor } = dependencies;
  // Before it is published: a job that has the message sooner would take it for a conflict again.
  if (accept) await acceptConflict(sql, id);
  return await sql.begin(async (transaction) => {
    const letter = await lockDeadLetter(transaction, id);
    if (!letter) return false;
    const { exchange, routingKey } = topology[letter.job as JobName].retry;
    const headers = withoutHistory(letter.headers as Record<string, unknown>);
    const properties = republished({ ...letter.properties as object, headers } as MessageProperties, {});
    await publisher.publish({ exchange, routingKey, content: Buffer.from(edit?.body ?? letter.body), properties });
    await settleDeadLetter(transaction, id, "replayed", why);
    const action = accept ? "accepted" : "replayed";
    const entry = auditEntryOf(letter);
    if (edit) {
      const detail = { ...entry.detail, paths: edit.paths };
      await appendAudit(transaction, { ...entry, detail, occurredAt: now(), action: "edited", actor });
    }
    await appendAudit(transaction, { ...entry, occurredAt: now(), action, actor });
    return true;
  });
}

/** Gives a dead letter up for good, with a reason; false when somebody else has settled it. */
export async function discardDeadLetter(
  { sql, now, actor }: Pick<ReplayDependencies, "sql" | "now" | "actor">,
  id: string,
  why: string,
): Promise<boolean> {
  return await sql.begin(async (transaction) => {
    const letter = await lockDeadLetter(transaction, id);
    if (!letter) return false;
    await settleDeadLetter(transaction, id, "discarded", why);
    await dropConflict(transaction, letter.job, letter.eventKey);
    await appendAudit(transaction, { ...auditEntryOf(letter), occurredAt: now(), action: "discarded", actor });
    return true;
  });
}

function auditEntryOf({ id, job, reason, eventKey, eventName, aggregateId, correlationId }: DeadLetter) {
  return {
    job,
    eventKey,
    eventName: eventName ?? undefined,
    aggregateId: aggregateId ?? undefined,
    correlationId: correlationId ?? undefined,
    detail: { deadLetter: id, reason },
  };
}
