import type { SentEvent } from "../contract.ts";
import { textAt } from "../json.ts";
import { PERSONAL_DATA } from "./annotations.ts";
import { type Change, eventChange } from "./change.ts";
import type { Pair } from "./pair.ts";
import type { Readers } from "./readers.ts";
import { routingChanges } from "./routing-changes.ts";
import { type SchemaDifference, schemaDifferences } from "./schema-differences.ts";

/** The jobs as they were, which get what the new producer sends, and as they are, which get what is still queued. */
export interface JobsOnBothSides {
  before: Readers;
  after: Readers;
}

/** What changed in which events the producer sends, where to, and what their messages look like. */
export function producerChanges(events: Pair<SentEvent>[], readers: JobsOnBothSides): Change[] {
  return events.flatMap(([was, is]) => {
    if (was !== undefined && is !== undefined) return eventChanges(was, is, readers);
    if (was !== undefined) return [removed(was, readers)];
    if (is === undefined) return [];
    const isKnown = events.some(([old]) => old?.eventName === is.eventName);
    return [isKnown ? eventChange(is, is.path, `version ${is.version} added`, "addedVersion") : added(is, readers)];
  });
}

function added(event: SentEvent, { before }: JobsOnBothSides): Change {
  const receivers = before.receiversOf(event);
  const surprised = before.boundTo(textAt(event.exchange, "name"), event.routingKey).filter((job) =>
    !receivers.includes(job)
  );
  if (surprised.length === 0) return eventChange(event, event.path, "added", "unboundEvent");
  return {
    ...eventChange(event, event.path, "added"),
    breaks: surprised.map((job) => ({ job, place: `bound to ${event.routingKey}` })),
    because: "a job that does not know an event dead-letters it: release the consumer first",
  };
}

function removed(event: SentEvent, { before }: JobsOnBothSides): Change {
  return {
    ...eventChange(event, event.path, "no longer sent"),
    breaks: before.receiversOf(event).map((job) => ({ job, place: event.eventName })),
  };
}

function eventChanges(was: SentEvent, is: SentEvent, readers: JobsOnBothSides): Change[] {
  return [
    ...routingChanges(was, is, readers.before),
    ...schemaDifferences(was.payload, is.payload).map((difference) => fieldChange(difference, was, is, readers)),
    ...schemaDifferences(was.headers, is.headers).map((difference) => headerChange(difference, is)),
  ];
}

function fieldChange(difference: SchemaDifference, was: SentEvent, is: SentEvent, readers: JobsOnBothSides): Change {
  const { field, says, keyword, widens, narrows, rule } = difference;
  const isMissed = widens || rule === "unreadField" || keyword === PERSONAL_DATA;
  const broken = [
    ...(isMissed ? readers.before.readersOf(was, field, keyword) : []),
    ...(narrows ? readers.after.readersOf(is, field, keyword) : []),
  ];
  const breaks = [...new Map(broken.map((one) => [one.job, one])).values()];
  const path = [...is.path, "payload", ...difference.path];
  const excuse = widens || narrows || breaks.length > 0 ? undefined : rule;
  return {
    ...eventChange(is, path, `${field || "the message"} ${says}`, excuse),
    breaks,
    ...(narrows && !widens ? { because: "messages of the old producer are still queued" } : {}),
    ...(keyword === PERSONAL_DATA ? { because: "who logs, keeps or erases it goes by that" } : {}),
    ...(excuse === "meaning" ? { meaningOf: lastName(field) ?? is.eventName } : {}),
  };
}

function headerChange({ field, says, path, widens, narrows, rule }: SchemaDifference, event: SentEvent): Change {
  const what = `${field === "" ? "the headers" : `header ${field}`} ${says}`;
  const excuse = widens || narrows ? undefined : rule;
  return {
    ...eventChange(event, [...event.path, "headers", ...path], what, excuse),
    ...(excuse === "meaning" ? { meaningOf: lastName(field) ?? event.eventName } : {}),
  };
}

/** `start` of `payload.workingHours[*].start`. */
function lastName(field: string): string | undefined {
  return field.replaceAll("[*]", "").split(".").at(-1) || undefined;
}
