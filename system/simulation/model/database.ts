import { DatabaseError } from "./sql-client.ts";
import type { Scheduler } from "../scheduler.ts";

/** As postgres.js answers: rows, and how many the statement touched. */
export type Rows = Record<string, unknown>[] & { count: number };

export interface Transaction {
  readonly writes: Map<string, unknown>;
  readonly locks: Set<string>;
  over: boolean;
}

/** What a statement sees: what is committed, below what its own transaction wrote. */
export interface View {
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown): void;
  /** Committed rows whose key begins so, in the order of their keys' first commit. */
  committed<T>(prefix: string): T[];
  /** Another number each time. */
  serial(): number;
}

/** `Observer` hears of what a test wants to watch. */
export interface KnownStatement<Observer> {
  /** In one line, with `?` for each value. */
  text: string;
  /** Clauses that may be missing in weakened code, by name. */
  optional?: Record<string, string>;
  /** The rows that it locks until its transaction ends, in the order in which it comes to them. */
  lock?(args: readonly unknown[], view: View): string | readonly string[];
  run(
    view: View,
    args: readonly unknown[],
    has: (clause: string) => boolean,
    observer: Observer,
  ): { rows: unknown[]; count?: number };
}

export type Database = ReturnType<typeof createDatabase>;

interface Variant<Observer> {
  statement: KnownStatement<Observer>;
  missing: ReadonlySet<string>;
}

function variantsOf<Observer>(statement: KnownStatement<Observer>): [string, Variant<Observer>][] {
  let variants: [string, string[]][] = [[statement.text, []]];
  for (const [name, clause] of Object.entries(statement.optional ?? {})) {
    const without = variants.map(([text, missing]): [string, string[]] => {
      if (!text.includes(clause)) throw new Error(`The statement has no clause ${clause}: ${text}`);
      return [text.replaceAll(` ${clause}`, ""), [...missing, name]];
    });
    variants = [...variants, ...without];
  }
  return variants.map(([text, missing]) => [text, { statement, missing: new Set(missing) }]);
}

/** Every text that a database of these statements understands. */
export const understand = <Observer>(statements: readonly KnownStatement<Observer>[]) =>
  new Map(statements.flatMap((statement) => variantsOf(statement)));

/**
 * Rows by key, read committed, with row locks. It knows exactly the statements that it is given: one that the services
 * change is refused until it is taught here and held against PostgreSQL again.
 */
export function createDatabase<Observer>(
  scheduler: Scheduler,
  known: ReadonlyMap<string, Variant<Observer>>,
  observer: Observer,
) {
  const rows = new Map<string, unknown>();
  const holders = new Map<string, Transaction>();
  const waiting = new Map<string, (() => void)[]>();
  const open = new Set<Transaction>();
  let downUntil = 0;
  let serial = 0;
  /** So many statements in a thousand fail as a deadlock's victim does. */
  let deadlocks = 0;

  function viewOf(transaction: Transaction): View {
    return {
      get: <T>(key: string) => (transaction.writes.has(key) ? transaction.writes.get(key) : rows.get(key)) as T,
      set: (key, value) => void transaction.writes.set(key, value),
      serial: () => serial++,
      committed: <T>(prefix: string) =>
        [...rows.keys()].filter((key) => key.startsWith(prefix)).map((key) => rows.get(key) as T),
    };
  }

  function end(transaction: Transaction): void {
    transaction.over = true;
    open.delete(transaction);
    for (const key of transaction.locks) {
      holders.delete(key);
      const next = waiting.get(key);
      waiting.delete(key);
      next?.forEach((retry) => retry());
    }
  }

  const begin = (): Transaction => {
    const transaction = { writes: new Map<string, unknown>(), locks: new Set<string>(), over: false };
    open.add(transaction);
    return transaction;
  };
  function commit(transaction: Transaction): void {
    for (const [key, value] of transaction.writes) {
      if (value === undefined) rows.delete(key);
      else rows.set(key, value);
    }
    end(transaction);
  }

  function execute(
    text: string,
    args: readonly unknown[],
    given: Transaction | undefined,
    done: (error: Error | undefined, rows: Rows) => void,
  ): void {
    const variant = known.get(text);
    if (!variant) throw new Error(`The model does not know this statement, teach it: ${text}`);
    const { statement, missing } = variant;
    const refuse = (code: string) => done(new DatabaseError(code), [] as unknown as Rows);
    if (given?.over) return refuse("CONNECTION_CLOSED");
    const transaction = given ?? begin();
    const view = viewOf(transaction);
    for (const key of [statement.lock?.(args, view) ?? []].flat()) {
      const holder = holders.get(key);
      if (holder && holder !== transaction) {
        if (!given) end(transaction);
        const queue = waiting.get(key) ?? [];
        waiting.set(key, [...queue, () => execute(text, args, given, done)]);
        return;
      }
      holders.set(key, transaction);
      transaction.locks.add(key);
    }
    if (given && deadlocks > 0 && scheduler.chance(deadlocks / 1000)) return refuse("40P01");
    const answer = statement.run(view, args, (clause) => !missing.has(clause), observer);
    if (!given) commit(transaction);
    const result = answer.rows as Rows;
    result.count = answer.count ?? answer.rows.length;
    done(undefined, result);
  }

  return {
    isUp: () => scheduler.now() >= downUntil,
    begin,
    commit,
    rollback: end,
    execute,
    /** kill -9: open transactions are gone, what is committed stays. */
    crash(ms: number) {
      downUntil = scheduler.now() + ms;
      [...open].forEach(end);
    },
    setDeadlocks: (perThousand: number) => (deadlocks = perThousand),
    view: viewOf({ writes: rows, locks: new Set(), over: false }),
  };
}
