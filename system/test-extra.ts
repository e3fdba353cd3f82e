import process from "node:process";
import { runSession } from "./session.ts";
import { startTestServers } from "./test-servers.ts";
import { findExtraSuites } from "./testing/extra-suites.ts";
import { runVitest } from "./testing/run-command.ts";
import { runStages } from "./testing/run-stages.ts";
import { runSuite } from "./testing/run-suite.ts";
import { add } from "./testing/tally.ts";

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
  stages.push({
    name: "deno",
    async run() {
      servers ??= startTestServers(session);
      const results = [];
      for (const folder of ["producer", "consumer"]) {
        results.push(await runSuite("deno", { folder, env: await servers, signal }));
      }
      for (const title of results.flatMap(({ excused }) => excused)) console.log(`can't pass on Deno: ${title}`);
      return add(results);
    },
  });
  const tally = await runStages(stages, process.argv.slice(2), signal);
  await releases.run();
  console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 ? 0 : 1;
});
