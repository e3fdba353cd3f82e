import type { Command } from "../command.ts";
import { loadContract } from "../contract.ts";
import { ACCEPTED, fieldProblems } from "../fields/field-problems.ts";
import { fieldReports } from "../fields/field-report.ts";
import { readPacts } from "../pact-files.ts";
import { parsePacts } from "../pacts.ts";
import { renderFieldLines, renderFieldsMarkdown } from "../render/fields.ts";
import { line } from "../render/text.ts";
import { traced } from "../validate/validate.ts";
import { workingTree } from "../working-tree.ts";

export const fields: Command = {
  summary: "Lists who is proven to read each field, and where personal data goes",
  usage: { positionals: [], flags: {}, markdown: true },
  help: `A job is proven to read a field when its pact expects it. Notes: a field that nobody reads; personal data
(x-personal-data) in a message of which the job reads other fields, as a topic exchange delivers whole messages.
Fails on personal data in a message of whose payload the job reads nothing, unless its operation in
consumer/asyncapi.yaml says why under ${ACCEPTED}, and on such an acceptance that is not needed.`,
  // deno-lint-ignore require-await -- a command answers with a promise
  async run({ root }) {
    const read = workingTree(root);
    const contract = loadContract(read);
    const reports = fieldReports(contract, parsePacts(readPacts(root)));
    const findings = traced(fieldProblems(contract, reports), read);
    const count = (wanted: (report: typeof reports[number]) => boolean) => reports.filter(wanted).length;
    return {
      findings,
      lines: renderFieldLines(reports),
      details: {
        fields: reports.map(({ event, path: _path, ...report }) => ({ event: event.eventName, ...report })),
      },
      summary: `${reports.length} fields, ${count(({ readers }) => readers.length === 0)} read by nobody, ` +
        `${count(({ readers }) => readers.some(({ proven }) => !proven))} read without proof, ` +
        `${count(({ personal }) => personal)} personal`,
      markdown: renderFieldsMarkdown(reports, findings.map(line)),
    };
  },
};
