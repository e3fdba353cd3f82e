import type { SqlOrTx, Tx } from "./database.ts";

export const keptHours = 24;

/** Whose key it is, and a digest of what was asked under it. */
export type Idempotency = { readonly caller: string; readonly key: string; readonly fingerprint: string };

/** An answer as it was first given. */
export type StoredAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** The key was used for another request, or its first request is not finished. */
export class IdempotencyConflict extends Error {
  readonly kind: "reused" | "in-progress";

  constructor(kind: "reused" | "in-progress") {
    super(kind === "reused" ? "The key was used for another request" : "The first request with this key is running");
    this.name = "IdempotencyConflict";
    this.kind = kind;
  }
}

/**
 * Holds the key until the transaction ends and returns the answer that it has, if any. The lock never waits: a second
 * insert would block until the first request is done.
 */
export async function claimKey(tx: Tx, { caller, key, fingerprint }: Idempotency): Promise<StoredAnswer | undefined> {
  // Sent together, and still one after the other: the second sees what was committed before the lock was free.
  const [[lock], [known]] = await Promise.all([
    tx<{ taken: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtextextended(${`${caller}\n${key}`}, 0)) AS taken`,
    tx<(StoredAnswer & { fingerprint: string })[]>`
      SELECT fingerprint, status, headers, body FROM idempotency_keys
      WHERE caller = ${caller} AND key = ${key} AND created_at > now() - make_interval(hours => ${keptHours})`,
  ]);
  if (!lock?.taken) throw new IdempotencyConflict("in-progress");
  if (!known) return undefined;
  if (known.fingerprint !== fingerprint) throw new IdempotencyConflict("reused");
  return { status: known.status, headers: known.headers, body: known.body };
}

/** Saves the answer beside its effect. A row that is there has expired. */
export async function keepAnswer(
  tx: Tx,
  { caller, key, fingerprint }: Idempotency,
  answer: StoredAnswer,
): Promise<void> {
  const { status, body } = answer;
  await tx`
    INSERT INTO idempotency_keys (caller, key, fingerprint, status, headers, body)
    VALUES (${caller}, ${key}, ${fingerprint}, ${status}, ${tx.json(answer.headers)}, ${body})
    ON CONFLICT (caller, key) DO UPDATE SET
      fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
      body = excluded.body, created_at = now()`;
}

/** Deletes a batch of expired keys, not those that were taken anew in the meantime; returns how many. */
export async function deleteExpiredKeys(sql: SqlOrTx, batch: number): Promise<number> {
  const isExpired = sql`created_at <= now() - make_interval(hours => ${keptHours})`;
  const { count } = await sql`
    DELETE FROM idempotency_keys WHERE ${isExpired} AND (caller, key) IN (
      SELECT caller, key FROM idempotency_keys WHERE ${isExpired} ORDER BY created_at LIMIT ${batch}
    )`;
  return count;
}
