import postgres from "postgres";
import type { Tls } from "../tls.ts";
import { answerInTime } from "./answer-in-time.ts";
import type { DatabaseAddress, Target } from "./database-address.ts";
import { watchedSockets } from "./watched-sockets.ts";

const answerMs = 5_000;
/** Connections that are opened together ask once. */
const keptMs = 1_000;

export type PrimaryFinder = {
  /** Where a connection is made to. */
  find(): Promise<Target>;
  /** Whether a session that begins now may write. */
  mayWrite(): Promise<boolean>;
};

/**
 * Chooses among the servers of an address: the first that takes writes, else the first that answers, so that reads are
 * served while there is no primary. A single server is taken as it is.
 */
export function createPrimaryFinder({ targets, url }: DatabaseAddress, tls: Tls | undefined): PrimaryFinder {
  let asked: { at: number; answer: Promise<Target> } | undefined;

  async function takesWrites(target: Target): Promise<boolean> {
    const sockets = watchedSockets(() => Promise.resolve(target), answerMs);
    const sql = postgres(url, {
      max: 1,
      ...(tls && { ssl: tls }),
      ...sockets,
      connect_timeout: answerMs / 1_000,
      fetch_types: false,
      onnotice: () => {},
    });
    try {
      const question = sql<[{ readOnly: boolean }]>`
        SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "readOnly"`;
      const [{ readOnly }] = await answerInTime(answerMs, question);
      return !readOnly;
    } finally {
      void sql.end({ timeout: 0 });
    }
  }

  async function find(): Promise<Target> {
    const answers = targets.map((target) => takesWrites(target).then((writes) => ({ target, writes })));
    // In the order of the address, without waiting for those behind one that takes writes.
    let readable: Target | undefined;
    let failure: unknown;
    const settled = answers.map((answer) => answer.catch((error) => void (failure ??= error)));
    for (const answer of settled) {
      const found = await answer;
      if (found?.writes) return found.target;
      readable ??= found?.target;
    }
    if (!readable) throw failure;
    return readable;
  }

  return {
    async find() {
      if (targets.length === 1) return targets[0] as Target;
      if (!asked || performance.now() - asked.at > keptMs) asked = { at: performance.now(), answer: find() };
      return await asked.answer;
    },
    async mayWrite() {
      const answers = await Promise.allSettled(targets.map(takesWrites));
      return answers.some((answer) => answer.status === "fulfilled" && answer.value);
    },
  };
}
