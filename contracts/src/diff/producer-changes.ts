import { type Contract, type SentEvent, sentEvents } from "../contract.ts";
import { textAt } from "../json.ts";
import { type Change, eventChange } from "./change.ts";
import { bindingChanges, routingChanges, serverChanges } from "./delivery-changes.ts";
import { personalChanges } from "./personal-data.ts";
import type { Readers } from "./readers.ts";
import { type SchemaDifference, schemaDifferences } from "./schema-differences.ts";

/** The jobs as they were, which get what the new producer sends, and as they are, which get what is still queued. */
export interface JobsOnBothSides {
  before: Readers;
  after: Readers;
}

/** What changed in what the producer says. */
export function producerChanges(before: Contract, after: Contract, readers: JobsOnBothSides): Change[] {
  const old = new Map(sentEvents(before).map((event) => [event.id, event]));
  const now = new Map(sentEvents(after).map((event) => [event.id, event]));
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => {
    const [was, is] = [old.get(id), now.get(id)];
    if (was === undefined) {
      if (is === undefined) return [];
      const isKnown = [...old.values()].some(({ eventName }) => eventName === is.eventName);
      return [isKnown ? addedVersion(is) : added(is, readers)];
    }
    return is === undefined ? [removed(was, readers)] : eventChanges(was, is, readers);
  });
  return [...changes, ...serverChanges(before, after)];
}

function added(event: SentEvent, { before }: JobsOnBothSides): Change {
  const receivers = before.receiversOf(event.id);
  const surprised = before.boundTo(textAt(event.exchange, "name"), event.routingKey).filter((job) =>
    !receivers.includes(job)
  );
  return {
    ...eventChange(surprised.length > 0 ? "MAJOR" : "MINOR", event, event.path, "added"),
    breaks: surprised.map((job) => ({ job, place: `bound to ${event.routingKey}` })),
    ...(surprised.length > 0
      ? { because: "a job that does not know an event dead-letters it: release the consumer first" }
      : {}),
  };
}

/** What `version` is for: a reader that does not know it says so, and loses nothing. */
function addedVersion(event: SentEvent): Change {
  return {
    ...eventChange("MINOR", event, event.path, `version ${event.version} added`),
    because: "a job that does not know the version keeps it among its dead letters: release the consumer first, or " +
      "replay them when it is upgraded",
  };
}

function removed(event: SentEvent, { before }: JobsOnBothSides): Change {
  return {
    ...eventChange("MAJOR", event, event.path, "no longer sent"),
    breaks: before.receiversOf(event.id).map((job) => ({ job, place: event.eventName })),
  };
}

function eventChanges(was: SentEvent, is: SentEvent, readers: JobsOnBothSides): Change[] {
  const payload = schemaDifferences(was.payload, is.payload).map((difference) => fieldChange(difference, is, readers));
  const headers = schemaDifferences(was.headers, is.headers).map((difference) => headerChange(difference, is));
  return [
    ...routingChanges(was, is, readers.before),
    ...payload,
    ...headers,
    ...bindingChanges(was, is),
    ...personalChanges(was, is),
  ];
}

function fieldChange(difference: SchemaDifference, event: SentEvent, { before, after }: JobsOnBothSides): Change {
  const { field, says, keyword, widens, narrows, optionalField } = difference;
  const missed = optionalField === "removed";
  const broken = [
    ...(widens || missed ? before.readersOf(event.id, field, keyword) : []),
    ...(narrows ? after.readersOf(event.id, field, keyword) : []),
  ];
  const breaks = [...new Map(broken.map((one) => [one.job, one])).values()];
  const verdict = widens || narrows || breaks.length > 0 ? "MAJOR" : "MINOR";
  return {
    ...eventChange(verdict, event, [...event.path, "payload", ...difference.path], `${field || "the message"} ${says}`),
    breaks,
    ...(narrows && !widens ? { because: "messages of the old producer are still queued" } : {}),
  };
}

function headerChange({ field, says, path, widens, narrows }: SchemaDifference, event: SentEvent): Change {
  const what = `${field === "" ? "the headers" : `header ${field}`} ${says}`;
  return eventChange(widens || narrows ? "MAJOR" : "MINOR", event, [...event.path, "headers", ...path], what);
}
