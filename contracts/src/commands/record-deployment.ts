import type { Command } from "../command.ts";
import { runPactBroker } from "../deploy/broker.ts";
import { deploymentFolder, readDeployments, recordDeployment as record } from "../deploy/deployments.ts";
import { provider } from "../deploy/participants.ts";
import { isTree } from "../deploy/service-version.ts";
import {
  brokerOption,
  environmentOption,
  participantOption,
  versionOfParticipants,
  versionOption,
} from "./can-i-deploy.ts";

export const recordDeployment: Command = {
  summary: "Records that a version now runs in an environment, in the place of the one before",
  usage: {
    positionals: [],
    flags: {},
    options: { participant: participantOption, version: versionOption, to: environmentOption, broker: brokerOption },
    markdown: false,
  },
  help:
    `Writes contracts/deployments/ENV.json, which belongs into git: can-i-deploy and prove read it. For \`consumer\` that
is every job of the version; a job that it no longer has is taken out. At a Pact Broker such a job has to be taken out
with Pact's own record-undeployment.`,
  async run(input) {
    const { to = "", broker } = input.options;
    const { participants, version } = versionOfParticipants(input);
    const names = participants.map(({ name }) => name);
    const file = `${deploymentFolder}/${to}.json`;
    if (!isTree(input.root, version)) {
      const reason = `${version} is not the tree hash of a folder in this repository`;
      return { findings: [{ level: "error", file, pointer: "", reason }], summary: "nothing recorded" };
    }
    if (broker === undefined) {
      const deployed = Object.keys(readDeployments(input.root, to));
      const others = deployed.filter((name) => name !== provider && !names.includes(name));
      const gone = input.options.participant === "consumer" ? others : [];
      record(input.root, to, { participants: names, gone, version });
      return {
        lines: gone.map((name) => `${name} no longer runs in ${to}`),
        findings: [],
        summary: `${names.join(", ")} ${version} recorded in ${file}`,
      };
    }
    const printed: string[] = [];
    for (const name of names) {
      const what = ["--pacticipant", name, "--version", version, "--environment", to];
      const code = await runPactBroker(["record-deployment", ...what, "--broker-base-url", broker], (text) => {
        printed.push(text);
      });
      if (code === 0) continue;
      const reason = printed.join("").trim();
      return { findings: [{ level: "error", file, pointer: "", reason }], summary: "not everything was recorded" };
    }
    return { lines: printed.join("").split("\n"), findings: [], summary: `recorded at ${broker}` };
  },
};
