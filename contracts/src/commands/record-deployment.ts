import type { Command } from "../command.ts";
import { runPactBroker } from "../deploy/broker.ts";
import { deploymentFolder, recordDeployment as record } from "../deploy/deployments.ts";
import { isTree, versionAsked } from "../deploy/service-version.ts";
import {
  brokerOption,
  environmentOption,
  participantOption,
  participantsAsked,
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
  help: `Writes contracts/deployments/ENV.json, which belongs into git: can-i-deploy and prove read it.`,
  async run(input) {
    const { to = "", broker } = input.options;
    const participants = participantsAsked(input);
    const version = versionAsked(input.root, participants, input.options.version);
    const names = participants.map(({ name }) => name);
    const file = `${deploymentFolder}/${to}.json`;
    if (!isTree(input.root, version)) {
      const reason = `${version} is no folder's tree hash in this repository`;
      return { findings: [{ level: "error", file, pointer: "", reason }], summary: "nothing recorded" };
    }
    if (broker === undefined) {
      record(input.root, to, names, version);
      return { findings: [], summary: `${names.join(", ")} ${version} recorded in ${file}` };
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
