import type { Sql, TransactionSql } from "postgres";
import { isConnectionLost } from "./is-unavailable.ts";
import { guardedTransaction } from "./guarded-transaction.ts";

type Task = (transaction: TransactionSql) => unknown;

const never = new Promise<never>(() => {});

/**
 * postgres.js (3.4.9) goes on with a transaction whose connection is lost: its rollback throws where nobody can catch
 * it (its issue 1208), and later statements of the task run on whatever the connection serves by then (1155). Here
 * such a transaction ends with the loss: nothing more is written, and begin() rejects with it.
 */
export function withSoundTransactions(sql: Sql): Sql {
  const begin = sql.begin.bind(sql) as (options: string, task: Task) => Promise<unknown>;

  async function soundBegin(...args: [Task] | [string, Task]): Promise<unknown> {
    const [options, task] = args.length === 1 ? ["", args[0]] : args;
    const over = new AbortController();
    try {
      return await begin(options, async (transaction) => {
        try {
          const answer = task(guardedTransaction(transaction, over.signal));
          const result = await (Array.isArray(answer) ? Promise.all(answer) : answer);
          if (!over.signal.aborted) return result;
        } catch (error) {
          if (!over.signal.aborted && !isConnectionLost(error)) throw error;
        }
        return await never;
      });
    } finally {
      over.abort(new Error("The transaction is over"));
    }
  }

  return Object.assign(sql, { begin: soundBegin as Sql["begin"] });
}
