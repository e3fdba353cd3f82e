/** What a session that is told nothing else waits for. */
export type Limits = { readonly statementTimeoutMs?: number | undefined };

/** Set at the start of a session of its own, and found there only when no pooler stands between. */
export const sessionMark = { name: "appointments.session", value: "own" } as const;

/**
 * What the stores rely on, whatever the role or the database says. Not among them is `default_transaction_read_only`: it
 * is how a provider stops writing, and is answered like an outage. Nor is `synchronous_commit`, which is the operator's.
 */
export function sessionSettings(schema: string, { statementTimeoutMs = 0 }: Limits = {}): Record<string, string> {
  return {
    DateStyle: "ISO, MDY",
    IntervalStyle: "postgres",
    TimeZone: "UTC",
    bytea_output: "hex",
    extra_float_digits: "1",
    array_nulls: "on",
    standard_conforming_strings: "on",
    transform_null_equals: "off",
    search_path: `"${schema}"`,
    default_transaction_isolation: "read committed",
    default_transaction_deferrable: "off",
    lock_timeout: "0",
    statement_timeout: String(statementTimeoutMs),
    // The transaction of a client that died without a word would hold its locks for hours.
    idle_in_transaction_session_timeout: String(2 * statementTimeoutMs),
  };
}
