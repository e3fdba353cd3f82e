import { type Contract, PRODUCER_DOCUMENT, type SentEvent } from "../contract.ts";
import { at, canonical, type Json, objectAt, sameJson, textAt } from "../json.ts";
import { type Change, eventChange, show, type Verdict } from "./change.ts";
import type { Readers } from "./readers.ts";

/** Where messages go: a subscriber that is bound to the old place gets nothing from the new one. */
export function routingChanges(was: SentEvent, is: SentEvent, before: Readers): Change[] {
  const channel = ["operations", is.operationId, "channel"];
  const bound = (event: SentEvent) => before.boundTo(textAt(event.exchange, "name"), event.routingKey);
  const lost = bound(was).filter((job) => !bound(is).includes(job));
  const breaks = lost.map((job) => ({ job, place: "its binding" }));
  const keys = was.routingKey === is.routingKey ? [] : [{
    ...eventChange("MAJOR", is, [...channel, "address"], `routing key ${was.routingKey} → ${is.routingKey}`),
    breaks,
  }];
  const fields = new Set([...Object.keys(was.exchange), ...Object.keys(is.exchange)]);
  const exchanges = [...fields].filter((field) => !sameJson(was.exchange[field], is.exchange[field])).map((field) => {
    const path = [...channel, "bindings", "amqp", "exchange", field];
    const what = `exchange ${field} ${show(was.exchange[field])} → ${show(is.exchange[field])}`;
    return field === "name"
      ? { ...eventChange("MAJOR", is, path, what), breaks }
      : { ...eventChange("MAJOR", is, path, what), because: "an exchange can't be redeclared with other properties" };
  });
  return [...keys, ...exchanges];
}

const MESSAGE_FIELDS: [what: string, path: string[], verdict: Verdict][] = [
  ["content type", ["contentType"], "MAJOR"],
  ["content encoding", ["bindings", "amqp", "contentEncoding"], "MAJOR"],
  ["message type", ["bindings", "amqp", "messageType"], "MAJOR"],
  ["name", ["name"], "MAJOR"],
  ["correlation id", ["correlationId", "location"], "MINOR"],
];

/** How messages are marked and kept. */
export function bindingChanges(was: SentEvent, is: SentEvent): Change[] {
  const message = MESSAGE_FIELDS.flatMap(([name, path, verdict]) => {
    const [old, now] = [at(was.message, ...path), at(is.message, ...path)];
    return sameJson(old, now)
      ? []
      : [eventChange(verdict, is, [...is.path, ...path], `${name} ${show(old)} → ${show(now)}`)];
  });
  const fields = new Set([...Object.keys(was.operationBinding), ...Object.keys(is.operationBinding)]);
  const operation = [...fields].filter((field) => !sameJson(was.operationBinding[field], is.operationBinding[field]))
    .map((field) => {
      const [old, now] = [was.operationBinding[field], is.operationBinding[field]];
      const path = ["operations", is.operationId, "bindings", "amqp", field];
      const because = lossBy(field, old, now);
      return {
        ...eventChange(because === undefined ? "MINOR" : "MAJOR", is, path, `${field} ${show(old)} → ${show(now)}`),
        ...(because === undefined ? {} : { because }),
      };
    });
  return [...message, ...operation];
}

/** How messages get lost by a changed field of the operation's binding, if they do. */
function lossBy(field: string, old: Json | undefined, now: Json | undefined): string | undefined {
  if (field === "deliveryMode" && now !== 2) return "messages no longer survive a restart of the broker";
  const sooner = field === "expiration" && now !== undefined && (old === undefined || Number(now) < Number(old));
  return sooner ? `messages vanish from a queue that is not read for ${show(now)} ms` : undefined;
}

/** Where the broker is reached. */
export function serverChanges(before: Contract, after: Contract): Change[] {
  const [old, now] = [objectAt(before.producer, "servers"), objectAt(after.producer, "servers")];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => connection(old[name]) !== connection(now[name]))
    .map((name) => ({
      verdict: "MINOR",
      document: PRODUCER_DOCUMENT,
      path: ["servers", name],
      what: `server ${name} ${
        old[name] === undefined ? "added" : now[name] === undefined ? "removed" : "is reached differently"
      }`,
      breaks: [],
    }));
}

function connection(server: Json | undefined): string {
  return canonical(["host", "protocol", "protocolVersion", "pathname"].map((field) => at(server, field) ?? null));
}
