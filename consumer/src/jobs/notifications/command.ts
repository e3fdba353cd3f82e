import { parseArgs } from "node:util";
import * as v from "valibot";
import {
  findSend,
  listSends,
  resendSend,
  type SendDetail,
  SendRefused,
  sendStates,
  type SendSummary,
  settleSend,
} from "./send-operations.ts";
import { resendFailed } from "./resend-failed.ts";
import { messageIdOf, referenceOf } from "./message-writer.ts";
import { type Command, type CommandContext, UsageError } from "../../cli/command.ts";
import { systemUser } from "../../cli/operator.ts";
import { table } from "../../cli/table.ts";

const usage =
  `Usage: consumer sends list [--state STATE] [--channel email|sms] [--appointment APPOINTMENT] [--limit N] [--json]
       consumer sends show ID [--json]
       consumer sends settle ID --as sent|not-sent [--by NAME] [--json]
       consumer sends resend ID [--by NAME] [--json]
       consumer sends resend --all [--reason TEXT] [--channel email|sms] [--by NAME] [--json]

The send ledger: every e-mail and text message, what became of it, and what a person decides about it.

  list    newest first, without personal data; STATE is one of ${sendStates.join(", ")}
  show    one send with its recipient and content, and what the other side knows it by: the Message-ID of an e-mail (with
          the domain of MAIL_FROM), the Idempotency-Key of a text message
  settle  writes down what was found out about an unknown send: whether it reached the other side before the crash
  resend  hands it over once more, with the same Message-ID; --all does so with every failed one, but for those whose
          visit has begun or whose reader was told something later, and never with an unknown one

  --reason TEXT  only those whose reason begins with it
  --limit N  at most N rows (100)
  --by NAME  who decides, for the audit trail (the name of the system's user)
  --json     one JSON object: list one a send and line; show what there is to know; settle id and settledAs; resend id and
             state, with --all resent and left, the ids`;

const options = {
  state: { type: "string" },
  channel: { type: "string" },
  appointment: { type: "string" },
  limit: { type: "string", default: "100" },
  as: { type: "string" },
  by: { type: "string" },
  all: { type: "boolean", default: false },
  reason: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

const idSchema = v.pipe(v.string("ID is missing"), v.regex(/^[1-9]\d{0,18}$/, "ID must be a number from `sends list`"));
const listSchema = v.object({
  state: v.optional(v.picklist(sendStates, `--state must be one of ${sendStates.join(", ")}`)),
  channel: v.optional(v.picklist(["email", "sms"], "--channel must be email or sms")),
  appointment: v.optional(v.pipe(v.string(), v.uuid("--appointment must be a UUID"))),
  limit: v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/, "--limit must be a number above 0"), v.transform(Number)),
});
const asSchema = v.picklist(["sent", "not-sent"], "--as must be sent or not-sent");

/** Throws a UsageError with the first problem. */
function check<Output>(schema: v.GenericSchema<unknown, Output>, value: unknown): Output {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new UsageError(result.issues[0].message);
  return result.output;
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

async function run(args: string[], context: CommandContext): Promise<number> {
  const { openDatabase, print, note, progress } = context;
  const { values, positionals: [action, id, ...rest] } = parse(args);
  if (rest.length > 0 || (action === "list" && id !== undefined)) throw new UsageError("too many arguments");
  const decision = () => ({ id: check(idSchema, id), actor: values.by ?? systemUser(), now: new Date() });
  const report = (done: string, result: unknown) => print(values.json ? JSON.stringify(result) : done);

  try {
    switch (action) {
      case "list": {
        const { appointment, limit, ...filter } = check(listSchema, values);
        const sends = await listSends(openDatabase(), {
          ...(filter.state && { state: filter.state }),
          ...(filter.channel && { channel: filter.channel }),
          ...(appointment && { appointmentId: appointment }),
          limit,
        });
        if (values.json) { for (const send of sends) print(JSON.stringify(send)); }
        else if (sends.length > 0) { for (const line of ledger(sends)) print(line); }
        if (sends.length === 0) note("There are no such sends.");
        if (sends.length === limit) note(`only the newest ${limit}; see --limit`);
        return 0;
      }
      case "show": {
        const sendId = check(idSchema, id);
        const send = await findSend(openDatabase(), sendId);
        if (!send) throw new SendRefused(`there is no send ${sendId}`);
        const shown = { ...send, ...knownAs(send, context.config.mail?.from.address ?? "") };
        if (values.json) print(JSON.stringify(shown));
        else for (const [name, value] of Object.entries(shown)) print(`${name.padEnd(14)} ${plain(value)}`);
        return 0;
      }
      case "settle": {
        const as = check(asSchema, values.as);
        const which = decision();
        await settleSend(openDatabase(), which, as);
        report(`send ${which.id} is settled as ${as}`, { id: which.id, settledAs: as });
        return 0;
      }
      case "resend": {
        if (values.all) {
          if (id !== undefined) throw new UsageError("resend takes an ID or --all, not both");
          const { channel } = check(listSchema, values);
          const filter = { ...(channel && { channel }), ...(values.reason && { reason: values.reason }) };
          const actor = values.by ?? systemUser();
          const done = await resendFailed(openDatabase(), filter, {
            actor,
            now: () => new Date(),
            done: (sends, of) => progress.show(`${sends} of ${of}`, sends / of),
          });
          report(
            `${done.resent.length} will be sent again, ${done.left.length} were left: nobody waits for them`,
            done,
          );
          return 0;
        }
        if (values.reason !== undefined) throw new UsageError("--reason goes with --all");
        const which = decision();
        await resendSend(openDatabase(), which);
        report(`send ${which.id} will be sent again`, { id: which.id, state: "pending" });
        return 0;
      }
      default:
        throw new UsageError("consumer sends needs list, show, settle or resend");
    }
  } catch (error) {
    if (!(error instanceof SendRefused)) throw error;
    note(error.message);
    return 1;
  }
}

function knownAs(send: SendDetail, from: string): { messageId: string } | { idempotencyKey: string } {
  return send.channel === "email"
    ? { messageId: `<${messageIdOf(send, from)}>` }
    : { idempotencyKey: referenceOf(send) };
}

function ledger(sends: SendSummary[]): string[] {
  const rows = sends.map((send) => [
    send.id,
    send.state,
    send.channel,
    send.template,
    send.appointmentId,
    send.updatedAt.toISOString(),
    send.reason ?? "",
  ]);
  return table(["ID", "STATE", "CHANNEL", "TEMPLATE", "APPOINTMENT", "CHANGED", "REASON"], rows);
}

function plain(value: unknown): string {
  if (value === null) return "-";
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export const sendsCommand: Command = {
  name: "sends",
  summary: "list, show, settle and resend e-mails and text messages",
  usage,
  run,
};
