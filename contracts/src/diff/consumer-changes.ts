import { CONSUMER_DOCUMENT, type Contract, type Job, jobs } from "../contract.ts";
import { arrayAt, at, entriesAt, type Json, objectAt, type Path, sameJson, textAt } from "../json.ts";
import { type Change, show, type Verdict } from "./change.ts";

/** What changed in what the consumer declares and reads. */
export function consumerChanges(before: Contract, after: Contract): Change[] {
  const old = new Map(jobs(before).map((job) => [job.name, job]));
  const now = new Map(jobs(after).map((job) => [job.name, job]));
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (was === undefined) return is === undefined ? [] : [change("MINOR", ["operations", name], "job added")];
    return is === undefined ? [removedJob(was)] : jobChanges(was, is);
  });
  return [...exchangeChanges(before, after), ...changes];
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
      change("MINOR", topology(is, "bindings", now.indexOf(binding)), `${is.name} is bound to ${named(binding)} too`)
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
  const delays = sameJson(old, now) ? [] : [{
    ...change(
      "MINOR",
      topology(is, "retry", "delays"),
      `retries of ${is.name} after ${now.join(", ")}, not ${old.join(", ")}`,
    ),
    ...(old.some((delay) => !now.includes(delay))
      ? { because: "the queue of a dropped delay stays until it is deleted" }
      : {}),
  }];
  return [...exchange, ...stem, ...delays];
}

function readChanges(was: Job, is: Job): Change[] {
  return [...new Set([...Object.keys(was.reads), ...Object.keys(is.reads)])].flatMap((id) => {
    const path = ["operations", is.name, "x-reads", id];
    const [old, now] = [was.reads[id], is.reads[id]];
    if (old === undefined) return [change("MINOR", path, `${is.name} receives ${id} from now on`)];
    if (now === undefined) {
      return [broken(is, ["operations", is.name, "x-reads"], `${is.name} no longer receives ${id}`, id)];
    }
    return [
      ...now.filter((field) => !old.includes(field)).map((field) =>
        change("MINOR", [...path, now.indexOf(field)], `${is.name} reads ${field} of ${id}`)
      ),
      ...old.filter((field) => !now.includes(field)).map((field) =>
        change("MINOR", path, `${is.name} no longer reads ${field} of ${id}`)
      ),
    ];
  });
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

function change(verdict: Verdict, path: Path, what: string): Change {
  return { verdict, document: CONSUMER_DOCUMENT, path, what, breaks: [] };
}

function broken(job: Job, path: Path, what: string, place: string): Change {
  return { ...change("MAJOR", path, what), breaks: [{ job: job.name, place }] };
}
