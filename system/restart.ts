import process from "node:process";
import { readLocalSystem } from "./local-system.ts";
import { runSession } from "./session.ts";
import { StackError } from "./stack/stack-error.ts";

/** Restarts one part of the system that `npm start` runs in this checkout. */
await runSession(async ({ report }) => {
  const [part, ...more] = process.argv.slice(2);
  if (part === undefined || more.length > 0) {
    throw new StackError("which part? npm run restart -- producer|consumer|rabbitmq|mail");
  }
  await readLocalSystem().restart(part);
  report(`${part}: ready`);
  return 0;
});
