import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Sql } from "postgres";
import { answerInTime } from "../../postgres/answer-in-time.ts";
import type { OpsKey } from "./keyring.ts";

export interface Session {
  key: OpsKey;
  /** What a form of this session has to bring along. */
  csrf: string;
}

export interface Sessions {
  /** The token for the cookie. */
  open(key: OpsKey): Promise<string>;
  find(token: string): Promise<Session | undefined>;
  close(token: string): Promise<void>;
}

export interface SessionsDependencies {
  sql: Sql;
  keys: readonly OpsKey[];
  now: () => Date;
}

export const sessionSeconds = 8 * 3_600;
const answerTimeoutMs = 2_000;

interface Row {
  caller: string;
  keyCheck: string;
  expiresAt: Date;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/**
 * Kept in the database, so that any process knows them, and in this one: the page is needed most while the database is
 * away. Only hashes of tokens are kept.
 */
export function createSessions({ sql, keys, now }: SessionsDependencies): Sessions {
  const remembered = new Map<string, Row>();
  const checkOf = (token: string, key: OpsKey) => sha256(`${key.sha256}.${token}`);

  async function look(hash: string): Promise<Row | undefined> {
    try {
      const [row] = await answerInTime(
        answerTimeoutMs,
        sql<Row[]>`
          select caller, key_check as "keyCheck", expires_at as "expiresAt" from ops_sessions where token_hash = ${hash}`,
      );
      // One that was opened while the database was away is known here only.
      return row ?? remembered.get(hash);
    } catch {
      return remembered.get(hash);
    }
  }

  return {
    async open(key) {
      const token = randomBytes(32).toString("base64url");
      const row = {
        caller: key.name,
        keyCheck: checkOf(token, key),
        expiresAt: new Date(now().getTime() + sessionSeconds * 1_000),
      };
      const hash = sha256(token);
      for (const [old, { expiresAt }] of remembered) if (expiresAt <= now()) remembered.delete(old);
      remembered.set(hash, row);
      const stored = sql.begin(async (transaction) => {
        await transaction`delete from ops_sessions where expires_at <= ${now()}`;
        await transaction`
          insert into ops_sessions (token_hash, caller, key_check, expires_at)
          values (${hash}, ${row.caller}, ${row.keyCheck}, ${row.expiresAt})`;
      });
      await answerInTime(answerTimeoutMs, stored).catch(() => {});
      return token;
    },
    async find(token) {
      const row = await look(sha256(token));
      if (!row || row.expiresAt <= now()) return undefined;
      const key = keys.find(({ name }) => name === row.caller);
      if (!key || checkOf(token, key) !== row.keyCheck) return undefined;
      return { key, csrf: createHmac("sha256", token).update("csrf").digest("hex") };
    },
    async close(token) {
      const hash = sha256(token);
      remembered.delete(hash);
      await answerInTime(answerTimeoutMs, sql`delete from ops_sessions where token_hash = ${hash}`);
    },
  };
}
