import { type Contract, jobs, type SentEvent, sentEvents } from "../../src/contract.ts";
import { arrayAt, at, type Json, type JsonObject } from "../../src/json.ts";
import { closed, compile } from "../../src/schema-validator.ts";
import { project } from "../../src/project.ts";
import { readerSchema } from "../../template/src/reader-schema.mjs";
import { mutations } from "./mutations.ts";

export interface Broken {
  /** Somebody who takes the document's whole schema refuses a message of the other side. */
  everybody: boolean;
  /** The jobs that refuse one by what they read, or that read a field which no longer comes. */
  jobs: string[];
}

interface Side {
  contract: Contract;
  event: SentEvent;
  /** What the producer of this side may send, a strict writer. */
  sends: Json[];
}

/** What really happens: messages that each side may send, held against what the other side's readers accept. */
export function reallyBroken(
  before: Contract,
  after: Contract,
  eventName: string,
  part: "payload" | "headers",
): Broken {
  const events = [before, after].map((contract) => eventOf(contract, eventName));
  const examples = events.flatMap(({ message }) => arrayAt(message, "examples").map((one) => at(one, part) ?? null));
  const pool = examples.flatMap((example) => [example, ...[...mutations(example)].map(({ value }) => value)]);
  const side = (contract: Contract): Side => {
    const event = eventOf(contract, eventName);
    const mayBeSent = compile(closed(event[part]));
    return { contract, event, sends: pool.filter((message) => mayBeSent(message)) };
  };
  const [old, now] = [side(before), side(after)];
  const names = part === "headers" ? [] : new Set([old, now].flatMap(({ contract }) => jobs(contract)).map(nameOf));
  return {
    everybody: refuses(old.event[part], now.sends) || refuses(now.event[part], old.sends),
    jobs: [...names].filter((name) =>
      refuses(readerOf(old, name), now.sends) || refuses(readerOf(now, name), old.sends) || misses(name, old, now)
    ),
  };
}

function eventOf(contract: Contract, eventName: string): SentEvent {
  const event = sentEvents(contract).find((sent) => sent.eventName === eventName);
  if (event === undefined) throw new Error(`no event ${eventName}`);
  return event;
}

function nameOf({ name }: { name: string }): string {
  return name;
}

function refuses(schema: JsonObject | undefined, messages: Json[]): boolean {
  if (schema === undefined) return false;
  const accepts = compile(schema);
  return messages.some((message) => !accepts(message));
}

function readsOf({ contract, event }: Side, name: string): string[] | undefined {
  return jobs(contract).find((job) => job.name === name)?.reads[event.id];
}

function readerOf(side: Side, name: string): JsonObject | undefined {
  const reads = readsOf(side, name);
  return reads === undefined ? undefined : readerSchema(side.event.payload, reads, project.envelope);
}

/** Without an optional field a message is valid still; a job that reads it goes without. */
function misses(name: string, old: Side, now: Side): boolean {
  const comes = (field: string, { sends }: Side) =>
    sends.some((message) => at(message, ...field.split(".")) !== undefined);
  return now.sends.length > 0 && (readsOf(old, name) ?? []).some((field) => comes(field, old) && !comes(field, now));
}
