import type { WatchedSockets } from "./watched-sockets.ts";

const everyMs = 3_000;

/**
 * For postgres.js' `onparameter`. A session keeps the default_transaction_read_only that it began with, and one that is in
 * use is not closed: of a time when the database was to write nothing, sessions would be left that refuse every write.
 * So while the last session that began may only read, a new one is tried, and all are closed once one may write.
 * PostgreSQL reports the setting since its version 14, and the driver passes it on where it changes.
 */
export function leaveReadOnlySessions(
  sockets: Pick<WatchedSockets, "closeAll">,
  mayWrite: () => Promise<boolean>,
): (name: string, value: string) => void {
  let timer: NodeJS.Timeout | undefined;
  let isTrying = false;
  let someOnlyRead = false;

  function leaveAll(): void {
    someOnlyRead = false;
    sockets.closeAll();
  }

  async function tryAgain(): Promise<void> {
    if (isTrying) return;
    isTrying = true;
    if (await mayWrite()) leaveAll();
    isTrying = false;
  }

  return (name, value) => {
    if (name !== "default_transaction_read_only") return;
    clearInterval(timer);
    if (value === "on") {
      someOnlyRead = true;
      timer = setInterval(() => void tryAgain(), everyMs).unref();
    } else if (someOnlyRead) leaveAll();
  };
}
