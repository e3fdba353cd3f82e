import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { runSession } from "./session.ts";
import { StackError } from "./stack/stack-error.ts";
import { startTestServers } from "./test-servers.ts";

await runSession(async (session) => {
  const [command, ...args] = process.argv.slice(2);
  if (!command) {
    throw new StackError("which command? npm run stack -- <command> [arguments]");
  }
  session.report("starting PostgreSQL and RabbitMQ");
  const env = await startTestServers(session);
  session.report(`running ${command}`);
  const child = spawn(command, args, {
    stdio: "inherit",
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  session.signal.addEventListener("abort", () => child.kill("SIGTERM"));
  return await new Promise<number>((resolve, reject) => {
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
    child.once(
      "error",
      (cause) =>
        reject(
          new StackError(`${command} can't be started: ${cause.message}`, {
            cause,
          }),
        ),
    );
  });
});
