import process from "node:process";
import { localFiles } from "./local-files.ts";
import { runSession } from "./session.ts";
import { livingHolder } from "./stack/pid-file.ts";
import { waitFor } from "./stack/wait-for.ts";

/** Stops the `npm start` of this checkout and waits until everything that it started is gone. */
await runSession(async ({ report, signal }) => {
  const pid = livingHolder(localFiles.lock);
  if (pid === undefined) {
    console.log("nothing to stop: npm start does not run in this checkout");
    return 0;
  }
  report(`stopping the system that runs as process ${pid}`);
  process.kill(pid, "SIGTERM");
  await waitFor(`process ${pid} to end`, () => livingHolder(localFiles.lock) !== pid, {
    timeoutMs: 120_000,
    remedy: `look at its terminal, or end it with kill -9 ${pid}; the next npm start clears up`,
    signal,
  });
  report("stopped");
  return 0;
});
