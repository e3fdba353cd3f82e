import type { JobQueue, QueueArguments } from "../generated/topology.ts";

export interface Binding {
  exchange: string;
  routingKey: string;
}

export interface DeclaredQueue {
  name: string;
  kind: "source" | "retry" | "dead-letter";
  arguments: QueueArguments;
  /** What the queue is to get. */
  bindings: readonly Binding[];
  /** The one of its bindings that leads to no other queue. */
  own: Binding;
}

/** All queues of a job; what is referred to comes before what refers to it, or the broker would lose messages. */
export function queuesOf({ name, arguments: sourceArguments, bindings, deadLetter, retry }: JobQueue): DeclaredQueue[] {
  const ownOf = (exchange: string, routingKey: string) => {
    const own = { exchange, routingKey };
    return { own, bindings: [own] };
  };
  const source = ownOf(retry.exchange, retry.routingKey);
  return [
    {
      name: deadLetter.queue,
      kind: "dead-letter",
      arguments: deadLetter.arguments,
      ...ownOf(deadLetter.exchange, deadLetter.routingKey),
    },
    ...retry.delays.map((delay) => ({
      name: delay.queue,
      kind: "retry" as const,
      arguments: delay.arguments,
      ...ownOf(retry.exchange, delay.routingKey),
    })),
    { name, kind: "source", arguments: sourceArguments, own: source.own, bindings: [source.own, ...bindings] },
  ];
}
