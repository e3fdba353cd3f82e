import process from "node:process";
import { type Command, UsageError } from "../command.ts";
import type { Finding } from "../finding.ts";
import { mutate as run, type MutationReport } from "../mutate/mutate.ts";

const TABLE = "contracts/src/mutate/mutants.ts";

export const mutate: Command = {
  summary: "Proves that the gate works: each mutant of a contract or a service has to turn a command red",
  usage: {
    positionals: [],
    flags: { operators: "take the mutants that operators make of the code, in the place of the table's" },
    options: {
      sample: { value: "SECONDS", meaning: "take no new mutant after so long, in an order drawn from the seed" },
      seed: { value: "N", meaning: "the same number gives the same order; without it one is drawn and printed" },
    },
    markdown: true,
  },
  help: `Applies each row of ${TABLE} to a copy of the project, and runs agree, diff, validate, generate,
pact --check, prove and replay, in this order, until one turns red. Harmless changes have to leave them all green.
Only what a command finds, and a service that ends at its start or does nothing, counts as red; trouble with servers
or processes is tried once more and then ends the run. A sample has at least a mutant and a harmless change.
Operators go over the syntax tree of the code that maps a command to its event and the event to a message (the wrong
source of each value, events dropped and doubled, numbers by one, properties of messages), over the constraints of all
migrations and over generated code; what the compiler refuses does not count.
Uses the servers that TEST_* name, else one local stack for all.`,
  async run({ root, options, flags }) {
    const seed = number("seed", options.seed) ?? Math.floor(Math.random() * 1_000_000);
    const seconds = number("sample", options.sample);
    if (seconds !== undefined) process.stderr.write(`seed ${seed}\n`);
    const report = await run(root, { seconds, seed, operators: flags.has("operators"), progress: showProgress });
    const { killed, byChance, survived, uncompilable, harmless, falseAlarms, stages } = report;
    const findings: Finding[] = [
      ...survived.map(({ area, what, edits: [edit] }) => ({
        ...finding(`survived: ${area}: ${what}`),
        ...(flags.has("operators") && edit ? { file: edit.file } : {}),
      })),
      ...byChance.map(({ change: { area, what, by }, stage, reason }) =>
        finding(`found by ${stage} instead of ${by}: ${area}: ${what}: ${reason}`)
      ),
      ...falseAlarms.map(({ change, stage, reason }) =>
        finding(`false alarm: ${change.area}: ${change.what}: ${stage} says ${reason}`)
      ),
    ];
    const total = killed.length + survived.length;
    return {
      lines: [...stages].map(([name, { runs, seconds }]) => `${name}: ${seconds.toFixed(1)} s in ${runs} runs`),
      findings,
      summary: `${total} mutants, ${killed.length} killed, ${survived.length} survived; ` +
        `${harmless.length} harmless changes, ${falseAlarms.length} false alarms` +
        (flags.has("operators") ? `; ${uncompilable.length} that do not compile` : ""),
      details: {
        seed,
        killed,
        byChance,
        survived,
        uncompilable,
        harmless,
        falseAlarms,
        stages: Object.fromEntries(stages),
      },
      markdown: renderMarkdown(report),
    };
  },
};

function finding(reason: string): Finding {
  return { level: "error", file: TABLE, pointer: "", reason };
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`--${name} takes a whole number, not ${text}`);
}

const WIDTH = 24;

function showProgress(done: number, of: number, line: string): void {
  const filled = Math.round((done / of) * WIDTH);
  process.stderr.write(`[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] ${done}/${of} ${line}\n`);
}

function renderMarkdown({ killed, survived, harmless, falseAlarms }: MutationReport): string {
  const rows = [
    ...killed.map(({ change, stage, reason }) => [change.area, change.what, `killed by \`${stage}\``, reason]),
    ...survived.map(({ area, what }) => [area, what, "**survived**", ""]),
    ...harmless.map((change) => {
      const alarm = falseAlarms.find((one) => one.change === change);
      return [change.area, change.what, alarm ? `**false alarm** by \`${alarm.stage}\`` : "green", alarm?.reason ?? ""];
    }),
  ];
  const cell = (text: string) => text.split("\n")[0]?.replaceAll("|", "\\|").slice(0, 160) ?? "";
  const lines = rows.map((row) => `| ${row.map(cell).join(" | ")} |`);
  return ["| where | what | verdict | reason |", "|---|---|---|---|", ...lines, ""].join("\n");
}
