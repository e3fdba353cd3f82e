import type { Command } from "../command.ts";
import { pactFolder } from "../deploy/participants.ts";
import {
  ContractTestsFailed,
  differences,
  generatePacts,
  type PactFiles,
  readPacts,
  writePacts,
} from "../pact-files.ts";
import { withServers } from "../servers.ts";

export const pact: Command = {
  summary: "Writes one pact for each job, from the consumer's contract tests",
  usage: {
    positionals: [],
    flags: { check: "write nothing; fail and name each pact that would change" },
    markdown: false,
  },
  help: `Runs consumer/tests/contract/, where the real jobs handle what their pacts expect, and puts the pacts into
${pactFolder}/: the same bytes on every run. Uses the servers that TEST_* name, else the local stack.`,
  async run({ root, flags }) {
    const before = readPacts(root);
    let after: PactFiles;
    try {
      after = await withServers(root, (servers) => generatePacts(root, servers));
    } catch (error) {
      if (!(error instanceof ContractTestsFailed)) throw error;
      const finding = { level: "error" as const, file: "consumer/tests/contract", pointer: "", reason: error.message };
      return { findings: [finding], summary: "the contract tests fail: no pact written" };
    }
    const changed = differences(before, after);
    if (!flags.has("check")) {
      writePacts(root, after);
      return { findings: [], summary: `${after.size} pacts written, ${changed.length} of them changed` };
    }
    const reason = "not what the contract tests write: run npm run contracts -- pact and commit it";
    return {
      findings: changed.map((name) => ({ level: "error", file: `${pactFolder}/${name}`, pointer: "", reason })),
      summary: changed.length === 0 ? `${after.size} pacts are up to date` : `${changed.length} pacts are stale`,
    };
  },
};
