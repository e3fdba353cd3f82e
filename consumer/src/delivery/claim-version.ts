import type { TransactionSql } from "postgres";
import { claimEvents, type InboxEntry } from "./inbox.ts";
import { earlierConflict, holderOf, lockAcceptance, noteConflict, supersede } from "./version-conflicts.ts";

export type Claim =
  | { kind: "superseded" }
  | { kind: "conflict"; reason: string }
  | { kind: "wait"; reason: string };

/**
 * What becomes of an event that was neither processed nor could be claimed. A version that comes again with another event
 * is what a producer does whose database was restored: which of the two is the truth, a person says. Until then the
 * aggregate's later events are kept back with it, since they build on what the job doesn't know. With a person's word
 * the event takes the place of what was handled, and is claimed.
 */
export async function claimDisputed(sql: TransactionSql, job: string, entry: InboxEntry, now: Date): Promise<Claim> {
  const { version } = entry;
  if (version === undefined) throw new Error(`${entry.eventKey} has no version and could not be claimed`);
  const versioned = { ...entry, job, version };
  const conflict = async (reason: string): Promise<Claim> => {
    await noteConflict(sql, versioned);
    return { kind: "conflict", reason };
  };

  const isAccepted = await lockAcceptance(sql, versioned);
  const holder = isAccepted ? undefined : await holderOf(sql, versioned);
  if (holder) return await conflict(`Version ${version} was told by the event ${holder} already`);
  const earlier = await earlierConflict(sql, versioned);
  if (earlier === "turn" || (earlier && isAccepted)) {
    return { kind: "wait", reason: "an earlier event takes the place of another first" };
  }
  if (!isAccepted) {
    return await conflict(`Version ${version} comes after one that two events have told differently`);
  }
  if (!await supersede(sql, versioned)) {
    return await conflict(`Of version ${version} or later, something was handled that was told after this event`);
  }
  const claimed = await claimEvents(sql, job, [entry], now, { evenInConflict: true });
  if (claimed.size === 0) throw new Error(`Version ${version} was taken while the event took its place`);
  return { kind: "superseded" };
}
