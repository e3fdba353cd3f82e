const connectionErrors = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
];

/** Class 57: shut down, starting up or a statement cut short; 53: out of connections, memory or disk; 08: connection. */
const unavailableClasses = ["57", "53", "08"];

/** Whether the database can't be reached or can't work now, so that the same might succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  const code = String(error.code);
  return connectionErrors.includes(code) || (code.length === 5 && unavailableClasses.includes(code.slice(0, 2)));
}

/** The connection is gone, or the server has said that it is about to be (class 08, 57P0x, idle timeouts). */
export function isConnectionLost(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(08...|57P0\d|25P0[34]|CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code);
}
