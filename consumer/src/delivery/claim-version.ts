import type { TransactionSql } from "postgres";
import { claimEvent, type InboxEntry, isProcessed } from "./inbox.ts";
import { earlierConflict, holderOf, lockAcceptance, noteConflict, supersede } from "./version-conflicts.ts";

export type Conflict = { kind: "conflict"; reason: string };

export type Claim =
  | { kind: "claimed"; supersedes: boolean }
  | { kind: "duplicate" }
  | Conflict
  | { kind: "wait"; reason: string };

/**
 * Claims an event for the job, once, and one event a version. A version that comes again with another event is what a
 * producer does whose database was restored: which of the two is the truth, a person says. Until then the aggregate's
 * later events are kept back with it, since they build on what the job doesn't know.
 */
export async function claimVersion(sql: TransactionSql, entry: InboxEntry): Promise<Claim> {
  if (await claimEvent(sql, entry)) return { kind: "claimed", supersedes: false };
  const { version } = entry;
  if (version === undefined || await isProcessed(sql, entry)) return { kind: "duplicate" };
  const versioned = { ...entry, version };
  const conflict = async (reason: string): Promise<Conflict> => {
    await noteConflict(sql, versioned);
    return { kind: "conflict", reason };
  };

  const isAccepted = await lockAcceptance(sql, entry);
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
  if (!await claimEvent(sql, entry, { evenInConflict: true })) {
    throw new Error(`Version ${version} was taken while the event took its place`);
  }
  return { kind: "claimed", supersedes: true };
}
