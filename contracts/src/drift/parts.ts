import { CONSUMER_DOCUMENT, type Contract, jobs, PRODUCER_DOCUMENT, sentEvents } from "../contract.ts";
import { describeQueue } from "../definitions.ts";
import { objectAt, type Path, textAt } from "../json.ts";

/** What an exchange or a queue is there for. */
export type Role = "events" | "dead-letter exchange" | "retry exchange" | "job" | "dead letters" | "retry";

export interface Part {
  role: Role;
  /** Of a queue. */
  job: string | undefined;
  document: string;
  path: Path;
}

/** Every exchange and queue that the documents describe, by its name. */
export function describedParts(contract: Contract): Map<string, Part> {
  const exchanges = (["deadLetter", "retry"] as const).map((key): [string, Part] => {
    const path = ["x-rabbitmq", "exchanges", key];
    const role = key === "retry" ? "retry exchange" : "dead-letter exchange";
    return [
      textAt(objectAt(contract.consumer, ...path), "name"),
      { role, job: undefined, document: CONSUMER_DOCUMENT, path },
    ];
  });
  const events = sentEvents(contract).map(({ exchange, channelId }): [string, Part] => [
    textAt(exchange, "name"),
    {
      role: "events",
      job: undefined,
      document: PRODUCER_DOCUMENT,
      path: ["channels", channelId, "bindings", "amqp", "exchange"],
    },
  ]);
  const queues = jobs(contract).flatMap((job) => {
    const path = ["channels", job.channelId, "x-rabbitmq"];
    return describeQueue(job).queues.map(({ name }): [string, Part] => {
      const isDeadLetters = name === textAt(job.topology, "deadLetter", "queue");
      const role = name === job.queue.name ? "job" : isDeadLetters ? "dead letters" : "retry";
      return [name, { role, job: job.name, document: CONSUMER_DOCUMENT, path }];
    });
  });
  return new Map([...events.reverse(), ...exchanges, ...queues]);
}
