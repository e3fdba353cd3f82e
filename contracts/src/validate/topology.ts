import { readFileSync } from "node:fs";
import { CONSUMER_DOCUMENT, type Contract, type Job, jobs, type SentEvent, sentEvents } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { arrayAt, at, type Json, type JsonObject, objectAt, type Path, textAt } from "../json.ts";
import { project } from "../project.ts";
import { violations } from "../schema-validator.ts";
import { topicMatches } from "../topic.ts";

const definitions = objectAt(
  JSON.parse(readFileSync(new URL("../../schemas/x-rabbitmq.schema.json", import.meta.url), "utf8")),
  "definitions",
);

/** The consumer's x-rabbitmq: by its schema, and every name in it means something that is there. */
export function topologyProblems(contract: Contract): Problem[] {
  const root = objectAt(contract.consumer, "x-rabbitmq");
  const events = sentEvents(contract);
  return [
    ...schemaProblems("root", root, ["x-rabbitmq"]),
    ...jobs(contract).flatMap((job) => {
      const path = ["channels", job.channelId, "x-rabbitmq"];
      const wrong = schemaProblems("queue", job.topology, path);
      return wrong.length > 0 ? wrong : [...nameProblems(job, root, path), ...routingProblems(job, events, path)];
    }),
    ...exchangeProblems(root, events),
  ];
}

function schemaProblems(definition: "root" | "queue", value: JsonObject, path: Path): Problem[] {
  const schema = { ...objectAt(definitions, definition), definitions };
  return violations(schema, value).map((violation) => problem([...path, ...violation.path], violation.reason));
}

/** The parts of one queue's topology that must agree with each other. */
function nameProblems({ topology, queue, name }: Job, root: JsonObject, path: Path): Problem[] {
  const stem = textAt(topology, "stem");
  const expected: [Path, Json | undefined, string][] = [
    [["deadLetter", "exchange"], at(root, "exchanges", "deadLetter", "name"), "the dead-letter exchange"],
    [["deadLetter", "queue"], `${project.queuePrefix}${stem}.dlq`, "named after the stem"],
    [["retry", "exchange"], at(root, "exchanges", "retry", "name"), "the retry exchange"],
    [["arguments", "x-dead-letter-exchange"], at(topology, "deadLetter", "exchange"), "as in deadLetter"],
    [["arguments", "x-dead-letter-routing-key"], at(topology, "deadLetter", "routingKey"), "as in deadLetter"],
    ...arrayAt(topology, "bindings").map((_, index): [Path, Json | undefined, string] => [
      ["bindings", index, "exchange"],
      at(root, "exchanges", "source", "name"),
      "the producer's exchange",
    ]),
  ];
  const wrong = expected
    .filter(([place, value]) => at(topology, ...place) !== value)
    .map(([place, value, why]) => problem([...path, ...place], `must be ${JSON.stringify(value)}, ${why}`));
  if (textAt(queue, "name") === "") wrong.push(problem(path.slice(0, 2), `the queue of ${name} has no name`));
  return wrong;
}

/** What the bindings let through is what the channel describes: nothing less and nothing more. */
function routingProblems({ topology, receives, channelId, name }: Job, events: SentEvent[], path: Path): Problem[] {
  const keys = arrayAt(topology, "bindings").map((binding) => textAt(binding, "routingKey"));
  const unmatched = keys.flatMap((key, index) =>
    events.some((event) => topicMatches(key, event.routingKey))
      ? []
      : [problem([...path, "bindings", index, "routingKey"], `is bound to ${key}, a key that nobody sends`)]
  );
  const mismatched = events.flatMap(({ id, routingKey }) => {
    const arrives = keys.some((key) => topicMatches(key, routingKey));
    const described = receives.some((message) => message.id === id);
    if (arrives === described) return [];
    return described
      ? [problem(["channels", channelId, "messages", id], `no binding of the queue lets ${routingKey} through`)]
      : [problem([...path, "bindings"], `let ${routingKey} through, which ${name} does not receive`)];
  });
  return [...unmatched, ...mismatched];
}

function exchangeProblems(root: JsonObject, events: SentEvent[]): Problem[] {
  const source = textAt(root, "exchanges", "source", "name");
  return events
    .filter(({ exchange }) => textAt(exchange, "name") !== source)
    .map(({ eventName, exchange }) =>
      problem(
        ["x-rabbitmq", "exchanges", "source"],
        `is ${source}, but ${eventName} goes to ${textAt(exchange, "name")}`,
      )
    );
}

function problem(path: Path, reason: string): Problem {
  return { document: CONSUMER_DOCUMENT, path, reason };
}
