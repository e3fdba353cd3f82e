import process from "node:process";
import { setTimeout } from "node:timers";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { noProgress } from "../../src/cli/progress.ts";
import { isDroppedByDriver } from "../../src/postgres/survive-lost-type-query.ts";

interface Calls {
  every: string[][];
  variables: Record<string, string>[];
}

/** Longer than anything that ends by itself. */
const graceMs = 60_000;

process.on("unhandledRejection", (error) => {
  if (!isDroppedByDriver(error)) throw error;
});
const { every, variables }: Calls = JSON.parse(process.argv[2]!);
await Promise.all(variables.flatMap((environment) =>
  every.map((words) =>
    runCommandLine(words, {
      environment,
      print: () => {},
      note: () => {},
      progress: noProgress,
      serve: () => Promise.resolve(0),
    })
  )
));
console.log(`${every.length * variables.length} calls ended`);
// Unlike the executable it does not exit: it ends when nothing is left.
setTimeout(() => {
  console.log(`left behind: ${process.getActiveResourcesInfo().join(", ")}`);
  process.exit(1);
}, graceMs).unref();
