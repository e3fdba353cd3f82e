const connectionErrors = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
];

/**
 * Class 57: shut down, starting up or a statement cut short; 53: out of connections, memory or disk; 58: its disk or
 * files fail; 08: connection.
 */
const unavailableClasses = ["57", "53", "58", "08"];

/** 25006: only reads, as a standby does, or a server that is to write no more. */
const readOnly = "25006";

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Whether the database can't be reached or can't work now, so that the same might succeed later. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  return connectionErrors.includes(code) || code === readOnly || isMissingSocket(error) ||
    (code.length === 5 && unavailableClasses.includes(code.slice(0, 2)));
}

/** The socket of a server that does not run has no file. */
function isMissingSocket(error: unknown): boolean {
  return codeOf(error) === "ENOENT" && (error as { syscall?: string }).syscall === "connect";
}

/** Whether the database answers and takes no writes: it only reads (25006), or its disk is full (53100) or broken (58). */
export function refusesWrites(error: unknown): boolean {
  return /^(25006|53100|58...)$/.test(codeOf(error));
}

/** The connection is gone, or the server has said that it is about to be (class 08, 57P0x, idle timeouts). */
export function isConnectionLost(error: unknown): boolean {
  return /^(08...|57P0\d|25P0[34]|CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(codeOf(error));
}
