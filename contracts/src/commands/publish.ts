import { join } from "node:path";
import type { Command } from "../command.ts";
import { currentBranch } from "../deploy/branch.ts";
import { publishResults, runPactBroker } from "../deploy/broker.ts";
import { consumers, pactFolder, provider } from "../deploy/participants.ts";
import { uncommitted, versionAsked } from "../deploy/service-version.ts";
import { readVerifications } from "../deploy/verifications.ts";
import { brokerOption } from "./can-i-deploy.ts";

export const publish: Command = {
  summary: "Publishes the pacts, their version and branch, and what prove recorded, to a Pact Broker",
  usage: {
    positionals: [],
    flags: {},
    options: {
      broker: {
        ...brokerOption,
        meaning: "where to; PACT_BROKER_TOKEN or _USERNAME and _PASSWORD hold",
        required: true,
      },
      branch: { value: "NAME", meaning: "the branch; without it the one that is checked out, or that GitHub names" },
    },
    markdown: false,
  },
  help: `The version of the pacts is the git tree hash of consumer/, that of a result's provider the one of producer/.
Uses Pact's own command line; results go where the broker's answer to a pact says.`,
  async run({ root, options: { broker = "", branch } }) {
    const names = consumers(root);
    const version = versionAsked(root, [{ name: "consumer", service: "consumer" }], undefined);
    const changed = uncommitted(root, pactFolder);
    if (changed.length > 0) {
      const reason = "is not committed, so it belongs to no version";
      const findings = changed.map((line) => ({ level: "error" as const, file: line.slice(3), pointer: "", reason }));
      return { findings, summary: "nothing published" };
    }
    const printed: string[] = [];
    const files = names.map((name) => join(root, pactFolder, `${name}-${provider}.json`));
    const known = branch ?? currentBranch(root);
    const where = [...(known === undefined ? [] : ["--branch", known]), "--broker-base-url", broker];
    const code = await runPactBroker(["publish", ...files, "--consumer-app-version", version, ...where], (text) => {
      printed.push(text);
    });
    if (code !== 0) {
      const finding = { level: "error" as const, file: pactFolder, pointer: "", reason: printed.join("").trim() };
      return { findings: [finding], summary: `${broker} did not take the pacts` };
    }
    const verifications = readVerifications(root).filter((one) => one.consumer === version);
    let results = 0;
    for (const name of names) results += await publishResults(broker, name, verifications);
    return {
      lines: printed.join("").split("\n"),
      findings: [],
      summary: `${names.length} pacts of version ${version} and ${results} results published to ${broker}`,
    };
  },
};
