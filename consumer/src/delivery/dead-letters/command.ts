import { Buffer } from "node:buffer";
import type { Sql } from "postgres";
import { discardDeadLetter, replayDeadLetter } from "./replay-dead-letter.ts";
import { topologyWith } from "../../broker/topology.ts";
import { atLeastOne, filterOf, parse, usage, type Values } from "./arguments.ts";
import { type DeadLetter, findDeadLetter, listDeadLetters, listStoredIds } from "./dead-letter-store.ts";
import { countDeadLetters } from "./dead-letter-counts.ts";
import { settleEach } from "../../failures/at-rate.ts";
import { readFailureGroups } from "../../failures/failure-groups.ts";
import { withBroker } from "../../cli/broker.ts";
import { operator } from "../../cli/operator.ts";
import { table } from "../../cli/table.ts";
import { type Command, type CommandContext, UsageError } from "../../cli/command.ts";

const actions = { list, groups, show, replay, discard };

/** `consumer dlq`: look at the dead letters, put them back, give them up. */
export const dlqCommand: Command = {
  name: "dlq",
  summary: "list, show, replay or discard dead letters",
  usage,
  async run(args, context) {
    const { action, ids, values } = parse(args);
    return await actions[action](ids, values, context);
  },
};

function asJson({ body, ...letter }: DeadLetter): string {
  const text = new TextDecoder().decode(body);
  const exact = text.includes("\uFFFD") ? { bodyBase64: Buffer.from(body).toString("base64") } : { body: text };
  return JSON.stringify({ ...letter, ...exact });
}

const columns = ["ID", "STORED", "JOB", "REASON", "EVENT", "APPOINTMENT OR DOCTOR", "EVENT ID"];

function asRow({ id, job, reason, eventName, aggregateId, eventKey, storedAt }: DeadLetter): string[] {
  return [id, storedAt.toISOString(), job, reason, eventName ?? "-", aggregateId ?? "-", eventKey];
}

async function list(ids: string[], values: Values, { openDatabase, print, note }: CommandContext): Promise<number> {
  if (ids.length > 0) throw new UsageError("consumer dlq list takes no ids: consumer dlq show ID");
  const limit = atLeastOne("limit", values.limit);
  const sql = openDatabase();
  const letters = await listDeadLetters(sql, filterOf(values), { settled: values.settled, limit });
  if (values.json) { for (const letter of letters) print(asJson(letter)); }
  else if (letters.length > 0) {
    // Without --settled all of them are in the same state.
    const rows = letters.map((letter) => [...asRow(letter), ...(values.settled ? [letter.state] : [])]);
    for (const line of table(values.settled ? [...columns, "STATE"] : columns, rows)) print(line);
  }
  if (letters.length === 0) note(await nothing(sql, values));
  if (letters.length === limit) note(`only the first ${limit}; see --limit`);
  return 0;
}

/** What to say when the group is empty: a reason or an event may be mistyped. */
async function nothing(sql: Sql, values: Values): Promise<string> {
  const group = Object.entries(filterOf(values)).filter(([, value]) => value !== undefined);
  if (group.length === 0) return "There are no dead letters.";
  const counts = await countDeadLetters(sql);
  const there = counts.map((one) => `${one.count} of ${one.job} with ${one.reason}`).join(", ") || "none at all";
  return `There are no dead letters with ${
    group.map((pair) => pair.join(" ")).join(" and ")
  }; unsettled are: ${there}.`;
}

async function show(
  [id, ...more]: string[],
  values: Values,
  { openDatabase, print, note }: CommandContext,
): Promise<number> {
  if (id === undefined || more.length > 0) throw new UsageError("consumer dlq show needs one id");
  const letter = await findDeadLetter(openDatabase(), id);
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

/** Answers 1 when one of them was not there to be settled. */
async function settle(
  ids: string[],
  action: string,
  values: Values,
  { print, note, progress }: CommandContext,
  task: (id: string) => Promise<boolean>,
  perSecond?: number,
): Promise<number> {
  const { missed } = await settleEach(ids, task, {
    ...(perSecond !== undefined && { perSecond }),
    done(settled, index, of) {
      const id = ids[index]!;
      if (settled) print(values.json ? JSON.stringify({ id, [action]: true }) : `${id} ${action}`);
      else note(`${id} is not there, or settled already`);
      progress.show(`${index + 1} of ${of}`, (index + 1) / of);
    },
  });
  return missed === 0 ? 0 : 1;
}

async function groups(ids: string[], values: Values, { openDatabase, print, note }: CommandContext): Promise<number> {
  if (ids.length > 0) throw new UsageError("consumer dlq groups takes no ids: consumer dlq show ID");
  const found = await readFailureGroups(openDatabase());
  if (values.json) { for (const group of found) print(JSON.stringify(group)); }
  else if (found.length > 0) {
    const rows = found.flatMap(({ kind, job, reason, causes }) =>
      causes.map(({ cause, count, oldestAt }) => [kind, job, reason, String(count), oldestAt, cause])
    );
    for (const line of table(["KIND", "JOB", "REASON", "COUNT", "OLDEST", "CAUSE"], rows)) print(line);
  }
  if (found.length === 0) note("There are no failures.");
  return 0;
}

/** The ids that are named, or those of the group. */
async function chosen(action: string, named: string[], values: Values, context: CommandContext): Promise<string[]> {
  const group = values.all || Object.values(filterOf(values)).some((value) => value !== undefined);
  if (group === named.length > 0) {
    throw new UsageError(
      `consumer dlq ${action} needs either ids, or a group (--job, --reason, --event, --cause), or --all`,
    );
  }
  if (!group) return named;
  const sql = context.openDatabase();
  const ids = await listStoredIds(sql, filterOf(values));
  if (ids.length === 0) context.note(await nothing(sql, values));
  return ids;
}

async function replay(named: string[], values: Values, context: CommandContext): Promise<number> {
  const perSecond = atLeastOne("rate", values.rate);
  const ids = await chosen("replay", named, values, context);
  if (ids.length === 0) return 0;
  const topology = topologyWith(context.config.amqp.maxLength);
  const sql = context.openDatabase();
  return await withBroker(context, async ({ publisher }) => {
    const dependencies = { sql, publisher, topology, now: () => new Date(), actor: operator() };
    const replayOne = (id: string) => replayDeadLetter(dependencies, id, values);
    return await settle(ids, values.accept ? "accepted" : "replayed", values, context, replayOne, perSecond);
  });
}

async function discard(named: string[], values: Values, context: CommandContext): Promise<number> {
  const { why } = values;
  if (!why) throw new UsageError("consumer dlq discard needs --why");
  const ids = await chosen("discard", named, values, context);
  const dependencies = { sql: context.openDatabase(), now: () => new Date(), actor: operator() };
  return await settle(ids, "discarded", values, context, (id) => discardDeadLetter(dependencies, id, why));
}
