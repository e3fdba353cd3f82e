import type { Sql, TransactionSql } from "postgres";

type Task = (transaction: TransactionSql) => unknown;
type Begin = (options: string, task: Task) => Promise<unknown>;

/** What a query of postgres.js (3.4.9) is made of, as far as it is used here; its types lack it. */
type Query = {
  handler: (query: Query) => void;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
};

/**
 * Behind a pooler a session belongs to nobody: what a statement relies on is set in its own transaction. A transaction
 * gets the settings as its first statement; a single statement gets a transaction, and answers when that has committed.
 */
export function withSettingsPerTransaction(sql: Sql, settings: Readonly<Record<string, string>>): Sql {
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const calls = Object.entries(settings).map(([name, value]) => `set_config(${quote(name)}, ${quote(value)}, true)`);
  const setAll = `SELECT ${calls.join(", ")}`;
  const begin = sql.begin.bind(sql) as unknown as Begin;

  async function pinnedBegin(...args: [Task] | [string, Task]): Promise<unknown> {
    const [options, task] = args.length === 1 ? ["", args[0]] : args;
    const isolation = /isolation/i.test(options) ? "" : "isolation level read committed ";
    return await begin(isolation + options, (transaction) => {
      // Not awaited: it goes out together with the first statement, which fails with it.
      transaction.unsafe(setAll).catch(() => {});
      return task(transaction);
    });
  }

  async function runAlone(query: Query): Promise<void> {
    const { resolve, reject } = query;
    try {
      const result = await pinnedBegin((transaction) =>
        new Promise((settle, fail) => {
          query.resolve = settle;
          query.reject = fail;
          const { handler } = transaction`` as unknown as Query;
          // After the settings, which leave in the next microtask.
          void Promise.resolve().then(() => handler(query));
        })
      );
      resolve(result);
    } catch (error) {
      reject(error);
    }
  }

  const alone = <Result>(result: Result): Result => {
    if (typeof result === "object" && result !== null && "handler" in result) {
      (result as unknown as Query).handler = (query) => void runAlone(query);
    }
    return result;
  };
  return new Proxy(sql, {
    apply: (target, self, args) => alone(Reflect.apply(target, self, args)),
    get(target, key) {
      if (key === "begin") return pinnedBegin;
      const value = Reflect.get(target, key);
      return key === "unsafe" ? (...args: unknown[]) => alone(Reflect.apply(value, target, args)) : value;
    },
  });
}
