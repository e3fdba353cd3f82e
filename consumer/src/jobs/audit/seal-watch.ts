import type { Sql } from "postgres";
import type { Config } from "../../config.ts";
import { readHead } from "./chain-store.ts";
import { readLatest } from "./tree-checkpoints.ts";

export interface SealState {
  /** Sealed rows that no checkpoint covers. */
  unsignedRows: number;
  /** How long the oldest row, of those that wait for seal and checkpoint, has been seen waiting. */
  waitingSeconds: number;
}

/** Sees by two looks whether the sealer keeps up; no time that stands in a row counts, since whoever writes rows sets it. */
export function createSealWatch(sql: Sql, { folder, signer, hmacKey }: Config["audit"], nowMs: () => number) {
  const unsealedSince = createStandstill(nowMs);
  const unsignedSince = createStandstill(nowMs);
  return async (): Promise<SealState> => {
    const [first] = await sql<
      { id: string }[]
    >`select outcome_id as id from audit_unsealed order by outcome_id limit 1`;
    const { count } = await readHead(sql);
    const unsealedMs = unsealedSince(first?.id);
    if (folder === undefined || !signer) {
      // The HMAC checkpoints of an installation that has not gone over come once an hour.
      return {
        unsignedRows: folder !== undefined && hmacKey !== undefined ? 0 : count,
        waitingSeconds: unsealedMs / 1_000,
      };
    }
    const signed = (await readLatest(folder, [signer]))?.size ?? 0;
    const unsignedMs = unsignedSince(signed < count ? String(signed) : undefined);
    return { unsignedRows: Math.max(0, count - signed), waitingSeconds: Math.max(unsealedMs, unsignedMs) / 1_000 };
  };
}

/** How long it has been told the same; 0 for nothing. */
function createStandstill(nowMs: () => number) {
  let seen: { what: string; at: number } | undefined;
  return (what: string | undefined): number => {
    if (what === undefined) seen = undefined;
    else if (seen?.what !== what) seen = { what, at: nowMs() };
    return seen ? nowMs() - seen.at : 0;
  };
}
