import process from "node:process";
import { runSession, type Session } from "./session.ts";
import { startTestServers } from "./test-servers.ts";
import { findSuites, type Kind } from "./testing/extra-suites.ts";
import { runCommand, runVitest } from "./testing/run-command.ts";
import { runStages, type Stage } from "./testing/run-stages.ts";
import { add, summary } from "./testing/tally.ts";

const folders = ["contracts", "producer", "consumer", "system"];

await runSession(async (session) => {
  const tally = await runStages(stages(session), process.argv.slice(2), session.signal);
  await session.releases.run();
  for (const kind of ["extra", "long"] satisfies Kind[]) {
    console.log(`\nleft to npm run test:${kind}:`);
    for (const file of findSuites(kind).flatMap(({ files }) => files)) console.log(`  ${file}`);
  }
  console.log(`\n${summary(tally)}`);
  return tally.failed === 0 ? 0 : 1;
});

function stages(session: Session): Stage[] {
  const { signal } = session;
  let servers: Promise<Record<string, string>> | undefined;
  // The two services' suites and the types take half of the time, so all other stages run beside them.
  const laneOf = (name: string) => ["types", "producer", "consumer"].includes(name) ? "services" : "others";
  const withServers = (folder: string): Stage => ({
    name: folder,
    lane: laneOf(folder),
    async run() {
      servers ??= startTestServers(session);
      return await runVitest("test", { folder, env: await servers, hold: laneOf(folder) === "others", signal });
    },
  });
  const commands = (name: string, ...all: string[][]): Stage => ({
    name,
    lane: laneOf(name),
    async run() {
      const tallies = [];
      for (const command of all) tallies.push(await runCommand(command, { signal }));
      return add(tallies);
    },
  });
  return [
    commands("format", deno("fmt", "--check")),
    commands("lint", deno("lint")),
    commands(
      "types",
      ...folders.map((folder) => ["npm", "run", "--silent", "types", "--prefix", folder]),
      deno("task", "check"),
    ),
    commands(
      "generated",
      npm("generate", "--check"),
      npm("contracts", "definitions", "--check"),
      npm("contracts", "kubernetes", "--check"),
    ),
    commands("validate", npm("contracts", "validate")),
    ...folders.map(withServers),
  ];
}

function deno(...args: string[]): string[] {
  return [process.execPath, "node_modules/deno/bin.cjs", ...args];
}

function npm(script: string, ...args: string[]): string[] {
  return ["npm", "run", "--silent", script, "--", ...args];
}
