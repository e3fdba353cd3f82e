function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Deadlock (40P01) or serialization failure (40001): the same transaction may well succeed at once. */
export function isConcurrencyFailure(error: unknown): boolean {
  return ["40P01", "40001"].includes(codeOf(error));
}

/** The database is away, shutting down or full of connections: nothing is wrong with what was asked of it. */
export function isUnavailable(error: unknown): boolean {
  return /^(08...|57P0[123]|53300|CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE)$/
    .test(codeOf(error));
}
