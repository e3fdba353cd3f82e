import type { Command } from "../command.ts";
import { CONSUMER_DOCUMENT, PRODUCER_DOCUMENT } from "../contract.ts";
import { workingTree } from "../working-tree.ts";
import { validate as validateContract } from "../validate/validate.ts";

export const validate: Command = {
  summary: "Checks both AsyncAPI documents, beyond what AsyncAPI's own parser checks",
  usage: { positionals: [], flags: {}, markdown: false },
  help: `Fails on
  - a document that the AsyncAPI parser rejects
  - an example that its own schema rejects: formats on, undeclared fields refused
  - an unknown field in an AMQP binding
  - a consumer that refers to a message which the producer does not send
  - an x-reads field that does not exist, or a received message without x-reads
  - an x-rabbitmq that is not as contracts/schemas/x-rabbitmq.schema.json says, or that contradicts itself`,
  async run({ root }) {
    const findings = await validateContract(root, workingTree(root));
    const summary = findings.length === 0
      ? `${PRODUCER_DOCUMENT} and ${CONSUMER_DOCUMENT} are valid`
      : `${findings.length} ${findings.length === 1 ? "finding" : "findings"}`;
    return { findings, summary };
  },
};
