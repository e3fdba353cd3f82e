import { setTimeout as sleep } from "node:timers/promises";
import type { PendingQuery, Row, Sql } from "postgres";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import { answerInTime } from "./answer-in-time.ts";

export interface AgendaItem {
  /** Seconds until it is due, as an expression of SQL: 0 or less when it is due, null when there is nothing. */
  dueIn(sql: Sql): PendingQuery<Row[]>;
  /** Told at each look; undefined when the database could not say. */
  told(seconds: number | null | undefined): void;
}

export interface AgendaDependencies {
  sql: Sql;
  items: readonly AgendaItem[];
  log: Logger;
  everyMs?: number;
}

export const lookEveryMs = 1_000;
const answerTimeoutMs = 5_000;

/**
 * The one poll of a process: a statement a second that asks for everything at once, however many jobs there are. It
 * finds what falls due, and what other processes and commands have written; own commits don't wait for it. One
 * statement that fails is everybody's, so all are told that nobody knows, and look for themselves.
 */
export function createAgenda({ sql, items, log, everyMs = lookEveryMs }: AgendaDependencies) {
  let failing = false;

  async function ask(): Promise<Map<number, number | null>> {
    const questions = items.map((item, index) =>
      sql`select ${index}::integer as item, (${item.dueIn(sql)})::double precision as seconds`
    );
    const all = questions.reduce((first, next) => sql`${first} union all ${next}`);
    const rows = await sql<{ item: number; seconds: number | null }[]>`${all}`;
    return new Map(rows.map(({ item, seconds }) => [item, seconds]));
  }

  async function look(): Promise<void> {
    try {
      const answers = await answerInTime(answerTimeoutMs, ask());
      failing = false;
      items.forEach((item, index) => item.told(answers.get(index)));
    } catch (error) {
      if (!failing) log.warn({ error: errorText(error) }, "the database does not say what is due");
      failing = true;
      for (const item of items) item.told(undefined);
    }
  }

  return {
    async run(stop: AbortSignal): Promise<void> {
      while (!stop.aborted && items.length > 0) {
        await look();
        await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
      }
    },
  };
}
