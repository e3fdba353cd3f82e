function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The database took no notice in time: what it was asked may still happen, later. */
export class SilentDatabaseError extends Error {
  override name = "SilentDatabaseError";
}

/** Deadlock (40P01) or serialization failure (40001): the same transaction may well succeed at once. */
export function isConcurrencyFailure(error: unknown): boolean {
  return ["40P01", "40001"].includes(codeOf(error));
}

/** The connection is gone, or the server has said that it is about to be (class 08, 57P0x, idle timeouts). */
export function isConnectionLost(error: unknown): boolean {
  return /^(08...|57P0\d|25P0[34]|CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(codeOf(error));
}

/**
 * The database is away, shutting down, out of connections (53300) or of disk (53100), its disk fails (58), or it only
 * reads (25006), as a standby does: nothing is wrong with what was asked of it.
 */
export function isUnavailable(error: unknown): boolean {
  return error instanceof SilentDatabaseError || isConnectionLost(error) || refusesWrites(error) ||
    isMissingSocket(error) ||
    /^(53300|CONNECT_TIMEOUT|ECONNREFUSED|ECONNABORTED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(
      codeOf(error),
    );
}

/** The socket of a server that does not run has no file. */
function isMissingSocket(error: unknown): boolean {
  return codeOf(error) === "ENOENT" && (error as { syscall?: string }).syscall === "connect";
}

/** Whether the database answers and takes no writes: it only reads (25006), or its disk is full (53100) or broken (58). */
export function refusesWrites(error: unknown): boolean {
  return /^(25006|53100|58...)$/.test(codeOf(error));
}

/** A text that PostgreSQL cannot store: NUL, or half of a surrogate pair (22021, 22P05). It never will. */
export function isUnstorableText(error: unknown): boolean {
  return ["22021", "22P05"].includes(codeOf(error));
}

/** A value that PostgreSQL has no room for: class 22, such as the year 0 (22008). It never will. */
export function isUnstorableValue(error: unknown): boolean {
  return /^22...$/.test(codeOf(error));
}

/** Somebody else wrote what was decided about, after it was read: the transaction is run again. */
export class StaleReadError extends Error {
  override name = "StaleReadError";
  /** As PostgreSQL calls a serialization failure. */
  readonly code = "40001";
}

/** A value or a broken constraint (classes 22 and 23): in one statement for many, the fault of one of them. */
export function isOfOneValue(error: unknown): boolean {
  return /^2[23]...$/.test(codeOf(error));
}
