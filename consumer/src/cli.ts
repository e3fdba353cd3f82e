import process from "node:process";
import { runCommandLine } from "./cli/command-line.ts";
import { endWithTheReader, written } from "./cli/output.ts";
import { createProgress } from "./cli/progress.ts";
import { isDroppedByDriver } from "./postgres/survive-lost-type-query.ts";
import { errorText } from "./telemetry/error-text.ts";
import { printable } from "./telemetry/printable.ts";

function endOnRejection(error: unknown): void {
  if (isDroppedByDriver(error)) return;
  console.error(`consumer failed: ${errorText(error)}`);
  process.exit(1);
}

endWithTheReader();
process.on("unhandledRejection", endOnRejection);
const progress = createProgress();
const code = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  progress,
  print(line) {
    progress.clear();
    console.log(printable(line));
  },
  note(line) {
    progress.clear();
    console.error(printable(line));
  },
  async serve(args) {
    // No other command needs what the service is made of.
    const { start } = await import("./start.ts");
    // The service has its own answer to what nobody handles, in its log.
    process.off("unhandledRejection", endOnRejection);
    progress.end();
    return await start(args);
  },
});
await written();
// What a library has left behind would keep the process alive.
process.exit(code);
