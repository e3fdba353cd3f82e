import { type Command, type Outcome, UsageError } from "../command.ts";
import { type Contract, loadContract } from "../contract.ts";
import type { Finding } from "../finding.ts";
import { type Replayed, replayThroughConsumer, validateAgainst } from "../release/replay.ts";
import { readRelease, RELEASES, releaseVersions } from "../release/release.ts";
import { type Servers, withServers } from "../servers.ts";
import { captureEverything } from "../wire/producer-on-the-wire.ts";
import { workingTree } from "../working-tree.ts";

export const replay: Command = {
  summary: "Runs every release's messages through today's consumer, and today's through every release's schemas",
  usage: { positionals: [], flags: {}, markdown: false },
  help: `The golden messages of each release in ${RELEASES}/ are published again to today's consumer, whose jobs have
to take each that reaches them. What today's producer publishes is held against the schemas of each release.
Uses the servers that TEST_* name, else the local stack.`,
  async run({ root }) {
    const versions = releaseVersions(root);
    if (versions.length === 0) throw new UsageError(`${RELEASES} is empty: run npm run contracts -- release`);
    const contract = loadContract(workingTree(root));
    return await withServers(root, (servers) => replayAll(root, contract, servers, versions));
  },
};

async function replayAll(root: string, contract: Contract, servers: Servers, versions: string[]): Promise<Outcome> {
  const { messages: today } = await captureEverything(root, contract, servers);
  const findings: Finding[] = [];
  const rows: string[][] = [["RELEASE", "ITS MESSAGES → TODAY'S CONSUMER", "TODAY'S MESSAGES → ITS SCHEMAS"]];
  for (const version of versions) {
    const release = readRelease(root, version);
    const forward = await replayThroughConsumer(root, contract, servers, release);
    const backward = validateAgainst(release.contract, today, contract);
    rows.push([version, describe(forward), describe(backward)]);
    const found = (file: string, { problems }: Replayed) =>
      problems.map((reason) => ({
        level: "error" as const,
        file: `${RELEASES}/${version}/${file}`,
        pointer: "",
        reason,
      }));
    findings.push(...found("release.json", forward), ...found("asyncapi.yaml", backward));
  }
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return {
    lines: rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ").trimEnd()),
    findings,
    summary: `${versions.length} ${versions.length === 1 ? "release" : "releases"} and today understand each other` +
      (findings.length === 0 ? "" : `, but for ${findings.length} messages`),
  };
}

function describe({ understood, of, waiting = 0 }: Replayed): string {
  return `${understood} of ${of} understood` + (waiting > 0 ? `, ${waiting} wait for an upgrade` : "");
}
