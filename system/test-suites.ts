import process from "node:process";
import { runSession } from "./session.ts";
import { startTestServers } from "./test-servers.ts";
import { findSuites, type Kind } from "./testing/extra-suites.ts";
import { runVitest } from "./testing/run-command.ts";
import { runStages } from "./testing/run-stages.ts";
import { summary } from "./testing/tally.ts";

const [kind, ...names] = process.argv.slice(2) as [Kind, ...string[]];

await runSession(async (session) => {
  const { releases, signal } = session;
  let servers: Promise<Record<string, string>> | undefined;
  const stages = findSuites(kind).map(({ folder }) => ({
    name: folder,
    // What is in system/ waits most of the time, for servers that start and stop.
    lane: folder === "system" ? "waiting" : "working",
    async run() {
      servers ??= startTestServers(session);
      return await runVitest(`test:${kind}`, { folder, env: await servers, hold: folder === "system", signal });
    },
  }));
  const tally = await runStages(stages, names, signal);
  await releases.run();
  console.log(`\n${summary(tally)}`);
  return tally.failed === 0 ? 0 : 1;
});
