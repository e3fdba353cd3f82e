import { parseArgs } from "node:util";
import { type Command, type CommandContext, UsageError } from "../cli/command.ts";
import { operator } from "../cli/operator.ts";
import { appendAudit } from "../jobs/audit/audit-log.ts";
import { findByEmail, findSubjects } from "./find-subjects.ts";
import { readTimeline, type TimelineSources } from "./read-timeline.ts";
import { renderText } from "./render-text.ts";

const usage = `Usage: consumer timeline KEY [--personal] [--json]

What became of an appointment or a doctor, from the request to the last effect, with times, attempts and proof, and what
it waits for where it is stuck. KEY is its id, the id of one of its events, of a request (the correlation id), or the
caller's reference; with --personal it may be the patient's e-mail address.

  --personal  with the addresses that mails and text messages went to; that you looked is in the audit trail
  --json      one JSON object a line for each appointment or doctor that was found: id, state, summary, producer,
              events (with their steps) and later

Exit code 1: nobody knows of it.`;

/** Everything that a timeline is read from, as this process is configured. */
export function timelineSources(
  { config, openDatabase }: Pick<CommandContext, "config" | "openDatabase">,
): TimelineSources {
  return {
    sql: openDatabase(),
    producer: config.producer,
    mailFrom: config.mail?.from.address ?? "",
    inboxRetentionDays: config.inboxRetentionDays,
    traceUrl: config.traceUrl,
    now: () => new Date(),
  };
}

export const timelineCommand: Command = {
  name: "timeline",
  summary: "show what became of an appointment, and prove it",
  usage,
  async run(args, context) {
    const { print, note } = context;
    const { values, positionals: [id, ...rest] } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: "boolean", default: false }, personal: { type: "boolean", default: false } },
    });
    if (id === undefined || rest.length > 0) throw new UsageError("consumer timeline needs one KEY");
    const isEmail = id.includes("@");
    if (isEmail && !values.personal) {
      throw new UsageError("an e-mail address is personal: consumer timeline needs --personal");
    }
    const sources = timelineSources(context);
    const found = isEmail ? await findByEmail(sources.sql, id) : await findSubjects(sources.sql, id, sources.producer);
    let shown = 0;
    for (const subject of found) {
      const timeline = await readTimeline(sources, subject, values);
      if (!timeline) continue;
      if (values.personal) {
        const who = { job: "timeline", action: "looked-up", aggregateId: subject, actor: operator() };
        await appendAudit(sources.sql, { ...who, occurredAt: new Date() });
      }
      if (values.json) print(JSON.stringify(timeline));
      else for (const line of [...(shown > 0 ? [""] : []), ...renderText(timeline)]) print(line);
      shown += 1;
    }
    if (shown > 0) return 0;
    note(isEmail ? "nobody has an appointment under this address" : `nobody knows of ${id}`);
    return 1;
  },
};
