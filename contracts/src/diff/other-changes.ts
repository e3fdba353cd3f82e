import type { Contract, Job, SentEvent } from "../contract.ts";
import type { Json } from "../json.ts";
import { type Change, show } from "./change.ts";
import { documentParts, type Kind, type Part } from "./document-parts.ts";
import { lesser, type Rule } from "./lesser.ts";
import type { Pair } from "./pair.ts";
import { type PlainDifference, plainDifferences } from "./plain-differences.ts";
import type { Readers } from "./readers.ts";

/** What else changed in what both documents say. Where no rule says why it is less, it is MAJOR. */
export function otherChanges(
  before: Contract,
  after: Contract,
  events: Pair<SentEvent>[],
  jobs: Pair<Job>[],
  readers: Readers,
): Change[] {
  return documentParts(before, after, events, jobs).flatMap((part) =>
    plainDifferences(part.was, part.is).map((difference) => changeOf(part, difference, readers))
  );
}

type Excuse = Rule | ((was: Json | undefined, is: Json | undefined) => Rule | undefined);

const turnsOn = (was: Json | undefined, is: Json | undefined) => is === true && was !== true ? "safer" : undefined;
const lasts = (was: Json | undefined, is: Json | undefined) =>
  is === undefined || Number(is) > Number(was) ? "safer" : undefined;
const gained = (was: Json | undefined, is: Json | undefined) =>
  was === undefined ? "acceptance" : is === undefined ? undefined : "words";

/** The rules, by the kind of the part and the path in it; the first that is about it decides. */
const RULES: [kinds: RegExp, path: RegExp, excuse: Excuse][] = [
  [/./, /^(title|tags|externalDocs)(\/|$)/, "words"],
  [/^info$/, /^(contact|license|termsOfService)(\/|$)/, "words"],
  [/^(info|event channel|event operation|message)$/, /^(summary|description)$/, "meaning"],
  [/^(server|job channel|job operation)$/, /^(summary|description)$/, "words"],
  [/^message$/, /^examples(\/|$)/, "words"],
  [/^message$/, /^correlationId\/description$/, "meaning"],
  [/^server$/, /^(host|pathname|protocol|protocolVersion|variables)(\/|$)/, "server"],
  [/^event operation$/, /^bindings\/amqp\/(mandatory|timestamp)$/, turnsOn],
  [/^event operation$/, /^bindings\/amqp\/deliveryMode$/, (_, is) => is === 2 ? "safer" : undefined],
  [/^event operation$/, /^bindings\/amqp\/expiration$/, lasts],
  [/^job operation$/, /^bindings\/amqp\/ack$/, turnsOn],
  [/^job operation$/, /^x-personal-data-accepted(\/|$)/, gained],
];

/** What becomes of messages, where the rules above do not excuse a change. */
const LOSS: [kinds: RegExp, path: RegExp, because: (is: Json | undefined) => string][] = [
  [/^event operation$/, /\/deliveryMode$/, () => "messages no longer survive a restart of the broker"],
  [/^event operation$/, /\/expiration$/, (is) => `messages vanish from a queue that is not read for ${show(is)} ms`],
  [/^event operation$/, /\/mandatory$/, () => "the producer no longer learns that no queue took a message"],
  [/^job operation$/, /\/ack$/, () => "what a crash interrupts is lost"],
  [/^job operation$/, /^x-personal-data-accepted/, () => "the job still gets it: bind it to less, or let it read it"],
];

function changeOf(part: Part, { path, was, is }: PlainDifference, readers: Readers): Change {
  const place = path.join("/");
  const rule = serverRule(part) ?? excuseOf(part.kind, place, was, is);
  const what = says(part, path.length === 0, place, was, is);
  const [document, where, event] = [part.document, [...part.path, ...path], part.event?.eventName];
  if (rule !== undefined) {
    const meaningOf = rule === "meaning" ? { meaningOf: event ?? part.document } : {};
    return { ...lesser(rule, document, where, what), ...(event === undefined ? {} : { event }), ...meaningOf };
  }
  const loss = LOSS.find(([kinds, pattern]) => kinds.test(part.kind) && pattern.test(place));
  return {
    verdict: "MAJOR",
    document,
    path: where,
    what,
    ...(event === undefined ? {} : { event }),
    breaks: brokenBy(part, readers),
    because: loss?.[2](is) ?? "no rule says that this is harmless",
  };
}

function excuseOf(kind: Kind, place: string, was: Json | undefined, is: Json | undefined): Rule | undefined {
  const excuse = RULES.find(([kinds, pattern]) => kinds.test(kind) && pattern.test(place))?.[2];
  return typeof excuse === "function" ? excuse(was, is) : excuse;
}

/** A server that comes or goes, or that is no longer, or now is, the producer's. */
function serverRule({ kind, was, is }: Part): Rule | undefined {
  return kind === "server" && [was, is].some((server) => server === undefined || server === true)
    ? "server"
    : undefined;
}

function says({ name }: Part, isWhole: boolean, place: string, was: Json | undefined, is: Json | undefined): string {
  const prefix = [name, ...(isWhole ? [] : [place.replace(/^bindings\/amqp\//, "")])].filter(Boolean).join(" ");
  if (/(^|\/)(title|summary|description|examples)(\/|$)/.test(place)) return `${prefix} changed`;
  return `${prefix} ${short(was)} → ${short(is)}`;
}

const SHOWN = 60;

function short(value: Json | undefined): string {
  const text = show(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function brokenBy({ kind, event, job }: Part, readers: Readers): Change["breaks"] {
  if (job) return [{ job: job.name, place: String(job.queue.name) }];
  if (kind === "event operation" || event === undefined) return [];
  return readers.receiversOf(event).map((name) => ({ job: name, place: event.eventName }));
}
