import { CONSUMER_DOCUMENT, type Contract, type Job, jobs } from "../contract.ts";
import { arrayAt, at, entriesAt, type Json, objectAt, type Path, sameJson, textAt } from "../json.ts";
import { type Change, show } from "./change.ts";
import { lesser, type Rule } from "./lesser.ts";
import { eventKey, type Pair } from "./pair.ts";

/** What changed in what the consumer declares and reads. */
export function consumerChanges(before: Contract, after: Contract, paired: Pair<Job>[]): Change[] {
  const changes = paired.flatMap(([was, is]) => {
    if (is === undefined) return was === undefined ? [] : [removedJob(was)];
    return was === undefined
      ? [excused("addedJob", ["operations", is.name], "job added")]
      : [...renamed(was, is), ...jobChanges(was, is)];
  });
  return [...exchangeChanges(before, after), ...changes];
}

function renamed(was: Job, is: Job): Change[] {
  if (was.name === is.name) return [];
  return [excused("renamedJob", ["operations", is.name], `job ${was.name} is called ${is.name}`)];
}

function removedJob(job: Job): Change {
  return {
    ...broken(job, ["operations", job.name], `job ${job.name} removed`, textAt(job.queue, "name")),
    because: "its queue stays bound and fills until the producer is refused: delete it",
  };
}

function jobChanges(was: Job, is: Job): Change[] {
  return [
    ...queueChanges(was, is),
    ...argumentChanges(was, is, ["arguments"], textAt(was.queue, "name")),
    ...argumentChanges(was, is, ["deadLetter", "arguments"], textAt(was.topology, "deadLetter", "queue")),
    ...bindingChanges(was, is),
    ...deadLetterChanges(was, is),
    ...retryChanges(was, is),
    ...readChanges(was, is),
  ];
}

function queueChanges(was: Job, is: Job): Change[] {
  const fields = [...new Set([...Object.keys(was.queue), ...Object.keys(is.queue)])];
  return fields.filter((field) => !sameJson(was.queue[field], is.queue[field])).map((field) => {
    const what = `queue ${field} ${show(was.queue[field])} → ${show(is.queue[field])}`;
    const path = ["channels", is.channelId, "bindings", "amqp", "queue", field];
    const because = field === "name"
      ? "the old queue stays bound, with what is in it: move its messages and delete it"
      : cannotRedeclare(textAt(was.queue, "name"));
    return { ...broken(is, path, what, textAt(was.queue, "name")), because };
  });
}

/** RabbitMQ refuses to declare an existing queue with other arguments (406). */
function argumentChanges(was: Job, is: Job, path: string[], queue: string): Change[] {
  const [old, now] = [objectAt(was.topology, ...path), objectAt(is.topology, ...path)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((argument) => !sameJson(old[argument], now[argument]))
    .map((argument) => ({
      ...broken(
        is,
        topology(is, ...path, argument),
        `${argument} of ${queue} ${show(old[argument])} → ${show(now[argument])}`,
        queue,
      ),
      because: cannotRedeclare(queue),
    }));
}

function bindingChanges(was: Job, is: Job): Change[] {
  const [old, now] = [arrayAt(was.topology, "bindings"), arrayAt(is.topology, "bindings")];
  const has = (list: Json[], binding: Json) => list.some((other) => sameJson(other, binding));
  const named = (binding: Json) => `${textAt(binding, "exchange")} by ${textAt(binding, "routingKey")}`;
  return [
    ...now.filter((binding) => !has(old, binding)).map((binding) =>
      excused(
        "addedBinding",
        topology(is, "bindings", now.indexOf(binding)),
        `${is.name} is bound to ${named(binding)} too`,
      )
    ),
    ...old.filter((binding) => !has(now, binding)).map((binding) => ({
      ...broken(is, topology(is, "bindings"), `${is.name} is no longer bound to ${named(binding)}`, "its binding"),
      because: "the broker keeps the old binding until it is removed there",
    })),
  ];
}

function deadLetterChanges(was: Job, is: Job): Change[] {
  return ["exchange", "queue", "routingKey"].flatMap((field) => {
    const [old, now] = [at(was.topology, "deadLetter", field), at(is.topology, "deadLetter", field)];
    if (sameJson(old, now)) return [];
    const what = `dead-letter ${field} of ${is.name} ${show(old)} → ${show(now)}`;
    return [broken(is, topology(is, "deadLetter", field), what, textAt(is.queue, "name"))];
  });
}

function retryChanges(was: Job, is: Job): Change[] {
  const [old, now] = [arrayAt(was.topology, "retry", "delays"), arrayAt(is.topology, "retry", "delays")];
  const exchange = textAt(was.topology, "retry", "exchange") === textAt(is.topology, "retry", "exchange") ? [] : [{
    ...broken(is, topology(is, "retry", "exchange"), `retry exchange of ${is.name} changed`, "its retry queues"),
    because: cannotRedeclare("every retry queue"),
  }];
  const stem = textAt(was.topology, "stem") === textAt(is.topology, "stem")
    ? []
    : [broken(is, topology(is, "stem"), `stem of ${is.name} changed`, "its retry queues")];
  return [...exchange, ...stem, ...delayChanges(is, old, now)];
}

function delayChanges(job: Job, old: Json[], now: Json[]): Change[] {
  if (sameJson(old, now)) return [];
  const path = topology(job, "retry", "delays");
  const what = `retries of ${job.name} after ${now.join(", ")}, not ${old.join(", ")}`;
  if (sameJson(old, now.slice(0, old.length))) return [excused("addedRetry", path, what)];
  const dropped = old.filter((delay) => !now.includes(delay));
  return [{
    ...broken(job, path, what, textAt(job.queue, "name")),
    because: dropped.length > 0
      ? `what fails is given up after another time; the queue of ${dropped.join(", ")} stays until it is deleted`
      : "what fails is retried after other times",
  }];
}

/** By what a message says, since both documents may call it by another key. */
function readChanges(was: Job, is: Job): Change[] {
  const [before, after] = [readsOf(was), readsOf(is)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    const path = ["operations", is.name, "x-reads", ...(now === undefined ? [] : [now.id])];
    if (now === undefined) return [broken(is, path, `${is.name} no longer receives ${old?.id}`, old?.id ?? "")];
    if (old === undefined) return [excused("received", path, `${is.name} receives ${now.id} from now on`)];
    return [
      ...now.fields.filter((field) => !old.fields.includes(field)).map((field) =>
        excused("read", [...path, now.fields.indexOf(field)], `${is.name} reads ${field} of ${now.id}`)
      ),
      ...old.fields.filter((field) => !now.fields.includes(field)).map((field) =>
        excused("unread", path, `${is.name} no longer reads ${field} of ${now.id}`)
      ),
    ];
  });
}

/** What a job receives and says that it reads, and what it says that it reads without receiving it. */
function readsOf(job: Job): Map<string, { id: string; fields: string[] }> {
  const received = new Map(job.receives.map((message) => [message.id, eventKey(message)]));
  const unread = [...received].filter(([id]) => job.reads[id] === undefined);
  const listed = Object.entries(job.reads).map(([id, fields]) => ({ key: received.get(id) ?? id, id, fields }));
  const all = [...listed, ...unread.map(([id, key]) => ({ key: `${key} without x-reads`, id, fields: [] }))];
  return new Map(all.map(({ key, ...read }) => [key, read]));
}

function exchangeChanges(before: Contract, after: Contract): Change[] {
  const path = ["x-rabbitmq", "exchanges"];
  return ["deadLetter", "retry"].flatMap((exchange) => {
    const [old, now] = [objectAt(before.consumer, ...path, exchange), objectAt(after.consumer, ...path, exchange)];
    return entriesAt({ ...old, ...now }).filter(([field]) => !sameJson(old[field], now[field])).map((
      [field],
    ): Change => ({
      verdict: "MAJOR",
      document: CONSUMER_DOCUMENT,
      path: [...path, exchange, field],
      what: `${exchange} exchange: ${field} ${show(old[field])} → ${show(now[field])}`,
      breaks: jobs(after).map(({ name }) => ({ job: name, place: textAt(now, "name") })),
      because: field === "name" ? "what refers to it is declared with its name" : "an exchange can't be redeclared",
    }));
  });
}

function cannotRedeclare(queue: string): string {
  return `${queue} can't be redeclared: consumer queues recreate moves its messages`;
}

function topology(job: Job, ...path: Path): Path {
  return ["channels", job.channelId, "x-rabbitmq", ...path];
}

function excused(rule: Rule, path: Path, what: string): Change {
  return lesser(rule, CONSUMER_DOCUMENT, path, what);
}

function broken(job: Job, path: Path, what: string, place: string): Change {
  return { verdict: "MAJOR", document: CONSUMER_DOCUMENT, path, what, breaks: [{ job: job.name, place }] };
}
