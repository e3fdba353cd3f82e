import type { WatchedSockets } from "./watched-sockets.ts";

const everyMs = 3_000;

/**
 * For postgres.js' `onparameter`. A session keeps the default_transaction_read_only that it began with, and one that is in
 * use is not closed: of a time when the database was to write nothing, sessions would be left that refuse every write.
 * So while the last session that began may only read, a new one is tried, and all are closed once that may write.
 * PostgreSQL reports the setting since its version 14.
 */
export function leaveReadOnlySessions(
  sockets: Pick<WatchedSockets, "closeAll">,
  mayWrite: () => Promise<boolean>,
): (name: string, value: string) => void {
  let timer: NodeJS.Timeout | undefined;
  let isTrying = false;

  async function tryAgain(): Promise<void> {
    if (isTrying) return;
    isTrying = true;
    if (await mayWrite()) sockets.closeAll();
    isTrying = false;
  }

  return (name, value) => {
    if (name !== "default_transaction_read_only") return;
    clearInterval(timer);
    if (value === "on") timer = setInterval(() => void tryAgain(), everyMs).unref();
  };
}
