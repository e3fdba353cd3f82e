import process from "node:process";
import { type Command, UsageError } from "../command.ts";
import { CONSUMER_DOCUMENT, loadContract } from "../contract.ts";
import { fuzz as run } from "../fuzz/fuzz.ts";
import { withServers } from "../servers.ts";
import { workingTree } from "../working-tree.ts";

export const fuzz: Command = {
  summary: "Hands generated messages to the running consumer: valid ones, and ones with a single mutation",
  usage: {
    positionals: [],
    flags: {},
    options: {
      seed: { value: "N", meaning: "the same number gives the same messages; without it one is drawn and printed" },
      messages: { value: "N", meaning: "how many valid and how many mutated ones; 1000" },
    },
    markdown: false,
  },
  help:
    `Every valid message has to take effect in each job that it reaches. A mutated one has to end in the dead letters of
the jobs that read what was mutated, by their x-reads, and has to take effect in the others. A tenth is published twice.
An effect is what a job leaves in its tables: each event once in the audit trail, each visit with its doctor and time,
and as many mails as the event calls for, neither fewer nor more. The consumer has to stay alive. Uses the servers that TEST_* name, else the local stack.`,
  async run({ root, options }) {
    const seed = options.seed === undefined ? Math.floor(Math.random() * 1_000_000) : number("seed", options.seed);
    const count = number("messages", options.messages ?? "1000");
    process.stderr.write(`seed ${seed}\n`);
    const contract = loadContract(workingTree(root));
    const { valid, mutated, refused, problems } = await withServers(
      root,
      (servers) => run(root, contract, servers, { seed, count }),
    );
    const findings = problems.map((reason) => ({
      level: "error" as const,
      file: CONSUMER_DOCUMENT,
      pointer: "",
      reason,
    }));
    return {
      findings,
      summary: `seed ${seed}: ${valid} valid and ${mutated} mutated messages, ${refused} refusals as expected, ` +
        `${problems.length} problems`,
      details: { seed, valid, mutated, refused },
    };
  },
};

function number(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a whole number, not ${text}`);
}
