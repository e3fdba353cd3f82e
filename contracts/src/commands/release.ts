import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, type Outcome, UsageError } from "../command.ts";
import { CONSUMER_DOCUMENT, loadContract, PRODUCER_DOCUMENT } from "../contract.ts";
import { pactFolder } from "../deploy/participants.ts";
import { serviceVersion, uncommitted } from "../deploy/service-version.ts";
import { textAt } from "../json.ts";
import { LOCK, RELEASES, writeRelease } from "../release/release.ts";
import { withServers } from "../servers.ts";
import { captureEverything } from "../wire/producer-on-the-wire.ts";
import { wireViolations } from "../wire/wire-violations.ts";
import { workingTree } from "../working-tree.ts";

export const release: Command = {
  summary: "Records the contract of both services with golden messages from the wire",
  usage: {
    positionals: [],
    flags: { lock: `generate the consumer from this release from now on: writes ${LOCK}` },
    markdown: false,
  },
  help:
    `The version is that of asyncapi.yaml. Starts the producer, brings about every provider state, and keeps all that
came out of RabbitMQ in ${RELEASES}/VERSION/, with both documents, the pacts, the broker's definitions and the git
tree hashes of both services.
A release is never changed: the version has to be a new one, and everything has to be committed.
Uses the servers that TEST_* name, else the local stack.`,
  async run({ root, flags }): Promise<Outcome> {
    const contract = loadContract(workingTree(root));
    const version = textAt(contract.producer, "info", "version");
    if (existsSync(join(root, RELEASES, version))) {
      throw new UsageError(`${version} is released already: raise info.version in ${PRODUCER_DOCUMENT}`);
    }
    const changed = uncommitted(root, PRODUCER_DOCUMENT, CONSUMER_DOCUMENT, "producer", "consumer", pactFolder);
    if (changed.length > 0) {
      const reason = "changed since the last commit: a release is of what is committed";
      const findings = changed.map((line) => ({ level: "error" as const, file: line.slice(3), pointer: "", reason }));
      return { findings, summary: "nothing released" };
    }
    const captured = await withServers(root, (servers) => captureEverything(root, contract, servers));
    const violations = wireViolations(contract, captured.messages);
    if (violations.length > 0) {
      const findings = violations.map((violation) => ({
        level: "error" as const,
        file: PRODUCER_DOCUMENT,
        ...violation,
      }));
      return { findings, summary: "nothing released" };
    }
    const services = { producer: serviceVersion(root, "producer"), consumer: serviceVersion(root, "consumer") };
    const lines = writeRelease(root, version, services, captured);
    if (flags.has("lock")) {
      writeFileSync(join(root, LOCK), `${version}\n`);
      lines.push(LOCK);
    }
    return {
      lines,
      findings: [],
      summary: `${version} released with ${captured.messages.length} messages from the wire`,
    };
  },
};
