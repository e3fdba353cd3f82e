import { agreeProblems } from "../agree/agree.ts";
import { bundledContract } from "../bundled-contract.ts";
import type { Command } from "../command.ts";
import { loadContract } from "../contract.ts";
import { readPacts } from "../pact-files.ts";
import { parsePacts } from "../pacts.ts";
import { traced } from "../validate/validate.ts";
import { workingTree } from "../working-tree.ts";

export const agree: Command = {
  summary: "Holds the pacts against both effective AsyncAPI documents",
  usage: { positionals: [], flags: {}, markdown: false },
  help: `Fails on
  - a field, header, exchange, routing key or content type in a pact that the documents do not have
  - an example that the producer's schema refuses, and a matcher that refuses what the schema allows
  - a field that a job needs though the producer may omit it
  - a field that a pact expects and x-reads does not list, or the other way about
  - an operation whose action is flipped, and a queue that is bound to a key which nobody sends
Matchers are tried on values at the edges of the schema, chosen by a fixed seed.`,
  // deno-lint-ignore require-await -- a command answers with a promise
  async run({ root }) {
    const read = workingTree(root);
    const pacts = parsePacts(readPacts(root));
    const findings = traced(agreeProblems(loadContract(read), bundledContract(read), pacts), read);
    const interactions = pacts.flatMap((pact) => pact.interactions).length;
    const summary = findings.length === 0
      ? `${interactions} interactions of ${pacts.length} pacts agree with both documents`
      : `${findings.length} contradictions between ${pacts.length} pacts and the documents`;
    return { findings, summary };
  },
};
