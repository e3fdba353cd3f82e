import type { Process, Scheduler } from "../scheduler.ts";
import type { Database, Rows, Transaction } from "./database.ts";

type Values = readonly unknown[];

/** A statement or a fragment of one: it runs when somebody waits for it, as with postgres.js. */
interface Statement extends PromiseLike<Rows> {
  strings: readonly string[];
  values: Values;
}

const isStatement = (value: unknown): value is Statement =>
  typeof value === "object" && value !== null && "strings" in value;

const lines = new Map<string, string>();

/** The text in one line, as the model's statements are written. */
function inOneLine(text: string): string {
  let line = lines.get(text);
  if (line === undefined) lines.set(text, line = text.replaceAll(/\s+/g, " ").trim());
  return line;
}

/** The text with `?` for each value; the values go to `args`. */
function flatten({ strings, values }: Statement, args: unknown[]): string {
  let text = strings[0]!;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (isStatement(value)) text += flatten(value, args);
    else {
      args.push(value);
      text += "?";
    }
    text += strings[index + 1]!;
  }
  return text;
}

export class DatabaseError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface Session {
  lost: boolean;
  transaction: Transaction | undefined;
  fail: ((error: Error) => void) | undefined;
}

/** A pool of connections of one process: each statement outside of a transaction has a session of its own. */
export function createSqlClient(scheduler: Scheduler, database: Database, owner: Process) {
  const sessions = new Set<Session>();
  /** Replies of this process stay away until then, and its statements arrive no earlier. */
  let silentUntil = 0;

  const transit = () => scheduler.between(0.1, 3) + Math.max(0, silentUntil - scheduler.now());

  /** Sends, lets the database work, and brings the answer back; a lost session answers nothing more. */
  function request(session: Session, work: (done: (error: Error | undefined, rows: Rows) => void) => void) {
    return new Promise<Rows>((resolve, reject) => {
      if (session.lost) return;
      session.fail = reject;
      scheduler.after(transit(), undefined, () => {
        // What was sent before the connection was lost may arrive all the same.
        if (session.lost && scheduler.chance(0.5)) return;
        if (!database.isUp()) return reply(new DatabaseError("ECONNREFUSED"), [] as unknown as Rows);
        work(reply);
      });
      function reply(error: Error | undefined, rows: Rows) {
        scheduler.after(transit(), owner, () => {
          if (session.lost) return;
          session.fail = undefined;
          if (error) reject(error);
          else resolve(rows);
        });
      }
    });
  }

  const open = (): Session => {
    const session: Session = { lost: false, transaction: undefined, fail: undefined };
    sessions.add(session);
    return session;
  };

  function query(session: Session | undefined, strings: readonly string[], values: Values): Statement {
    const own = { strings, values };
    const run = () => {
      const args: unknown[] = [];
      const text = inOneLine(flatten(own as unknown as Statement, args));
      const used = session ?? open();
      return request(used, (done) => database.execute(text, args, used.transaction, done))
        .finally(() => session ?? sessions.delete(used));
    };
    return Object.assign(own, {
      then: ((resolve, reject) => run().then(resolve, reject)) as Statement["then"],
      catch: (reject: (error: unknown) => unknown) => run().catch(reject),
    });
  }

  const tagged = (session: Session | undefined) =>
    Object.assign((strings: readonly string[], ...values: Values) => query(session, strings, values), {
      json: (value: unknown) => value,
      array: (value: unknown) => value,
    });

  /** As withSoundTransactions makes it: with the connection, the transaction ends at once, and nothing more is sent. */
  async function begin<T>(task: (transaction: unknown) => Promise<T>): Promise<T> {
    const session = open();
    let over = () => {};
    try {
      await request(session, (done) => {
        session.transaction = database.begin();
        done(undefined, [] as unknown as Rows);
      });
      const lost = new Promise<never>((_, reject) => {
        over = () => reject(new DatabaseError("CONNECTION_CLOSED"));
        closers.set(session, over);
      });
      const { transaction } = session;
      const end = (verb: "commit" | "rollback") =>
        request(session, (done) => {
          if (!transaction!.over) database[verb](transaction!);
          else if (verb === "commit") return done(new DatabaseError("CONNECTION_CLOSED"), [] as unknown as Rows);
          done(undefined, [] as unknown as Rows);
        });
      const work = async () => {
        let result: T;
        try {
          result = await task(tagged(session));
        } catch (error) {
          await end("rollback");
          throw error;
        }
        await end("commit");
        return result;
      };
      return await Promise.race([work(), lost]);
    } finally {
      closers.delete(session);
      sessions.delete(session);
    }
  }
  const closers = new Map<Session, () => void>();

  function cut(session: Session): void {
    const { fail, transaction } = session;
    const close = closers.get(session);
    session.lost = true;
    sessions.delete(session);
    // The server notices a while later, and what is on its way may come first.
    if (transaction) {
      scheduler.after(scheduler.between(1, 20), undefined, () => {
        if (!transaction.over) database.rollback(transaction);
      });
    }
    scheduler.after(0, owner, () => {
      fail?.(new DatabaseError("CONNECTION_CLOSED"));
      close?.();
    });
  }

  return {
    sql: Object.assign(tagged(undefined), { begin }),
    /** All connections are lost; statements on their way may or may not be carried out. */
    cut: () => [...sessions].forEach(cut),
    silence: (ms: number) => (silentUntil = scheduler.now() + ms),
  };
}

export type SqlClient = ReturnType<typeof createSqlClient>;
