import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Sql } from "postgres";
import { discardDeadLetter, replayDeadLetter } from "./replay-dead-letter.ts";
import { topologyWith } from "../../broker/topology.ts";
import { type DeadLetter, findDeadLetter, listDeadLetters, listStoredIds } from "./dead-letter-store.ts";
import { operator, withBroker } from "../../cli/broker.ts";
import { type Command, type CommandContext, UsageError } from "../../cli/command.ts";

const usage = `Usage: consumer dlq list [--job JOB] [--reason REASON] [--settled] [--limit N] [--json]
       consumer dlq show ID [--json]
       consumer dlq replay ID... [--rate N] [--json]
       consumer dlq replay --all [--job JOB] [--reason REASON] [--rate N] [--json]
       consumer dlq discard ID... --why TEXT [--json]

Dead letters are the messages that a job gave up, kept in the database with reason, headers and body.

list     those that nobody has settled, oldest first; with --settled also the others
show     one of them whole
replay   puts them back into their job's queue, at most --rate a second (default 50)
discard  gives them up for good

  --json  one JSON object a dead letter`;

const options = {
  job: { type: "string" },
  reason: { type: "string" },
  settled: { type: "boolean", default: false },
  limit: { type: "string", default: "100" },
  all: { type: "boolean", default: false },
  rate: { type: "string", default: "50" },
  why: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(args: string[]) {
  return parseArgs({ args, allowPositionals: true, options });
}

/** `consumer dlq`: look at the dead letters, put them back, give them up. */
export const dlqCommand: Command = {
  name: "dlq",
  summary: "list, show, replay or discard dead letters",
  usage,
  async run(args, context) {
    const { values, positionals: [subcommand, ...ids] } = parse(args);
    const wrong = ids.find((id) => !/^[1-9]\d{0,17}$/.test(id));
    if (wrong !== undefined) throw new UsageError(`${wrong} is no id of a dead letter`);
    const sql = context.openDatabase();
    switch (subcommand) {
      case "list":
        return await list(sql, values, context);
      case "show":
        return await show(sql, ids, values, context);
      case "replay":
        return await replay(sql, ids, values, context);
      case "discard":
        return await discard(sql, ids, values, context);
      default:
        throw new UsageError("consumer dlq needs list, show, replay or discard");
    }
  },
};

function atLeastOne(name: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new UsageError(`--${name} must be a whole number above 0`);
  return Number(value);
}

function asJson({ body, ...letter }: DeadLetter): string {
  const text = new TextDecoder().decode(body);
  const exact = text.includes("\uFFFD") ? { bodyBase64: Buffer.from(body).toString("base64") } : { body: text };
  return JSON.stringify({ ...letter, ...exact });
}

function asLine({ id, job, reason, eventName, eventKey, state, storedAt }: DeadLetter): string {
  return [id.padStart(6), storedAt.toISOString(), state, job, reason, eventName ?? "-", eventKey].join("  ");
}

async function list(sql: Sql, values: Values, { print, note }: CommandContext): Promise<number> {
  const limit = atLeastOne("limit", values.limit);
  const letters = await listDeadLetters(sql, values, { settled: values.settled, limit });
  for (const letter of letters) print(values.json ? asJson(letter) : asLine(letter));
  if (letters.length === limit) note(`only the first ${limit}; see --limit`);
  return 0;
}

async function show(sql: Sql, [id]: string[], values: Values, { print, note }: CommandContext): Promise<number> {
  if (id === undefined) throw new UsageError("consumer dlq show needs an id");
  const letter = await findDeadLetter(sql, id);
  if (!letter) {
    note(`there is no dead letter ${id}`);
    return 1;
  }
  if (values.json) print(asJson(letter));
  else {
    const { body, headers, properties, ...fields } = letter;
    for (const [name, value] of Object.entries(fields)) {
      print(`${name.padEnd(14)} ${value instanceof Date ? value.toISOString() : value ?? "-"}`);
    }
    print(`headers        ${JSON.stringify(headers, null, 2)}`);
    print(`properties     ${JSON.stringify(properties, null, 2)}`);
    print(`body           ${new TextDecoder().decode(body)}`);
  }
  return 0;
}

/** Settles one after another; answers 1 when one of them was not there to be settled. */
async function settle(
  ids: string[],
  action: string,
  values: Values,
  { print, note }: CommandContext,
  task: (id: string) => Promise<boolean>,
): Promise<number> {
  let missed = 0;
  for (const id of ids) {
    if (await task(id)) print(values.json ? JSON.stringify({ id, [action]: true }) : `${id} ${action}`);
    else {
      missed += 1;
      note(`${id} is not there, or settled already`);
    }
  }
  return missed === 0 ? 0 : 1;
}

async function replay(sql: Sql, named: string[], values: Values, context: CommandContext): Promise<number> {
  if (values.all === named.length > 0) throw new UsageError("consumer dlq replay needs ids, or --all");
  const pauseMs = 1000 / atLeastOne("rate", values.rate);
  const ids = values.all ? await listStoredIds(sql, values) : named;
  const topology = topologyWith(context.config.amqp.maxLength);
  return await withBroker(context.config, async ({ publisher }) => {
    const dependencies = { sql, publisher, topology, now: () => new Date(), actor: operator() };
    return await settle(ids, "replayed", values, context, async (id) => {
      const [done] = await Promise.all([replayDeadLetter(dependencies, id), sleep(pauseMs)]);
      return done;
    });
  });
}

async function discard(sql: Sql, ids: string[], values: Values, context: CommandContext): Promise<number> {
  const { why } = values;
  if (ids.length === 0 || !why) throw new UsageError("consumer dlq discard needs ids and --why");
  const dependencies = { sql, now: () => new Date(), actor: operator() };
  return await settle(ids, "discarded", values, context, (id) => discardDeadLetter(dependencies, id, why));
}
