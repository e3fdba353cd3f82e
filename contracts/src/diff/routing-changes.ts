import type { SentEvent } from "../contract.ts";
import { sameJson, textAt } from "../json.ts";
import { type Change, eventChange, show } from "./change.ts";
import type { Readers } from "./readers.ts";

/** Where messages go: a subscriber that is bound to the old place gets nothing from the new one. */
export function routingChanges(was: SentEvent, is: SentEvent, before: Readers): Change[] {
  const channel = ["operations", is.operationId, "channel"];
  const bound = (event: SentEvent) => before.boundTo(textAt(event.exchange, "name"), event.routingKey);
  const lost = bound(was).filter((job) => !bound(is).includes(job));
  const breaks = lost.map((job) => ({ job, place: "its binding" }));
  const keys = was.routingKey === is.routingKey ? [] : [{
    ...eventChange(is, [...channel, "address"], `routing key ${was.routingKey} → ${is.routingKey}`),
    breaks,
  }];
  const fields = new Set([...Object.keys(was.exchange), ...Object.keys(is.exchange)]);
  const exchanges = [...fields].filter((field) => !sameJson(was.exchange[field], is.exchange[field])).map((field) => {
    const path = [...channel, "bindings", "amqp", "exchange", field];
    const what = `exchange ${field} ${show(was.exchange[field])} → ${show(is.exchange[field])}`;
    return field === "name"
      ? { ...eventChange(is, path, what), breaks }
      : { ...eventChange(is, path, what), because: "an exchange can't be redeclared with other properties" };
  });
  return [...keys, ...exchanges];
}
