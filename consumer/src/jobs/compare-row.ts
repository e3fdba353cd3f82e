import type { TransactionSql } from "postgres";
import { differingFields } from "./differing-fields.ts";
import type { Finding } from "./reconciliation.ts";

export interface RowChanges<Row> {
  add(sql: TransactionSql, row: Row): Promise<unknown>;
  update(sql: TransactionSql, row: Row): Promise<unknown>;
  remove(sql: TransactionSql): Promise<unknown>;
}

/** What is kept in one row, held against what it should be; undefined where there is no row, or should be none. */
export function compareRow<Row extends object>(
  { aggregateId, what }: Pick<Finding, "aggregateId" | "what">,
  kept: Row | undefined,
  expected: Row | undefined,
  { add, update, remove }: RowChanges<Row>,
): Finding[] {
  if (!expected) {
    return kept ? [{ aggregateId, what, kind: "extra", how: "deleted", mend: remove }] : [];
  }
  if (!kept) return [{ aggregateId, what, kind: "missing", how: "saved as told", mend: (sql) => add(sql, expected) }];
  const fields = differingFields(kept, expected);
  if (fields.length === 0) return [];
  return [{ aggregateId, what, kind: "different", fields, how: "saved as told", mend: (sql) => update(sql, expected) }];
}
