import process from "node:process";
import { runSession } from "./session.ts";
import { startTestServers } from "./test-servers.ts";
import { findExtraSuites } from "./testing/extra-suites.ts";
import { runVitest } from "./testing/run-command.ts";
import { runStages } from "./testing/run-stages.ts";

await runSession(async (session) => {
  const { releases, signal } = session;
  let servers: Promise<Record<string, string>> | undefined;
  const stages = findExtraSuites().map(({ folder }) => ({
    name: folder,
    async run() {
      servers ??= startTestServers(session);
      return await runVitest("test:extra", { folder, env: await servers, signal });
    },
  }));
  const tally = await runStages(stages, process.argv.slice(2), signal);
  await releases.run();
  console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 ? 0 : 1;
});
