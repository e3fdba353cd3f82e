import type { TransactionSql } from "postgres";

/**
 * The transaction, refusing every call once `signal` is aborted. Whoever wakes up after its end would otherwise write on
 * a connection that serves somebody else's transaction by then.
 */
export function guardedTransaction(transaction: TransactionSql, signal: AbortSignal): TransactionSql {
  return new Proxy(transaction, {
    apply(target, self, args) {
      signal.throwIfAborted();
      return Reflect.apply(target, self, args);
    },
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        signal.throwIfAborted();
        return Reflect.apply(value, target, args);
      };
    },
  });
}
