import type { Scheduler } from "../scheduler.ts";

export interface ModelMessage {
  readonly content: unknown;
  readonly properties: Record<string, unknown> & { headers?: Record<string, unknown> };
  readonly exchange: string;
  readonly routingKey: string;
}

/** A message in one queue. */
export interface Copy {
  readonly message: ModelMessage;
  /** Where it stands in the queue; a message that is given back keeps its place. */
  place: number;
  deliveries: number;
}

export interface ModelQueue {
  readonly name: string;
  /** Ready messages, in order. */
  ready: Copy[];
  unacked: Set<Copy>;
  maxLength: number;
  consumers: { offer(): boolean }[];
  ttlMs: number | undefined;
  deadLetterTo: { exchange: string; routingKey: string } | undefined;
}

export interface BrokerObserver {
  enqueued(queue: string, message: ModelMessage): void;
  acknowledged(queue: ModelQueue, message: ModelMessage): void;
}

export type Broker = ReturnType<typeof createBroker>;

const matches = (pattern: string, key: string) =>
  pattern === key ||
  (pattern.endsWith(".*") && key.startsWith(pattern.slice(0, -1)) && !key.slice(pattern.length - 1).includes("."));

/** Queues that refuse what is too much (reject-publish), bindings, time to live, and what is held for consumers. */
export function createBroker(scheduler: Scheduler, observer: BrokerObserver) {
  const queues = new Map<string, ModelQueue>();
  const bindings: { exchange: string; pattern: string; queue: string }[] = [];
  let places = 0;
  let unboundUntil = 0;

  function declareQueue(name: string, options: Partial<Pick<ModelQueue, "maxLength" | "ttlMs" | "deadLetterTo">> = {}) {
    const { maxLength = Infinity, ttlMs, deadLetterTo } = options;
    const fresh = { name, ready: [], unacked: new Set<Copy>(), maxLength, consumers: [], ttlMs, deadLetterTo };
    queues.set(name, fresh);
  }

  function offer(queue: ModelQueue): void {
    while (queue.ready.length > 0) {
      // Round robin: who took the last one comes last.
      const index = queue.consumers.findIndex((consumer) => consumer.offer());
      if (index < 0) return;
      queue.consumers.push(...queue.consumers.splice(index, 1));
    }
  }

  function enqueue(queue: ModelQueue, message: ModelMessage): void {
    const copy: Copy = { message, place: places++, deliveries: 0 };
    queue.ready.push(copy);
    observer.enqueued(queue.name, message);
    if (queue.ttlMs !== undefined) expire(queue, copy, queue.ttlMs);
    offer(queue);
  }

  /** At-least-once dead-lettering: what the target refuses stays, and is tried again. */
  function expire(queue: ModelQueue, copy: Copy, ms: number): void {
    scheduler.after(ms, undefined, () => {
      if (publish({ ...copy.message, ...queue.deadLetterTo! }) === "confirmed") {
        queue.ready.splice(queue.ready.indexOf(copy), 1);
      } else expire(queue, copy, 1_000);
    });
  }

  const routesOf = ({ exchange, routingKey }: ModelMessage) =>
    exchange === "appointments.ex" && scheduler.now() < unboundUntil ? [] : [
      ...new Set(
        bindings.filter((b) => b.exchange === exchange && matches(b.pattern, routingKey)).map((b) => b.queue),
      ),
    ];

  /** What the broker says of it. One full queue refuses for all, but the others have got their copy. */
  function publish(message: ModelMessage): "confirmed" | "returned" | "nacked" {
    const routes = routesOf(message).map((name) => queues.get(name)!);
    const open = routes.filter(({ ready, maxLength }) => ready.length < maxLength);
    open.forEach((queue) => enqueue(queue, message));
    if (routes.length === 0) return "returned";
    return open.length === routes.length ? "confirmed" : "nacked";
  }

  function requeue(queue: ModelQueue, copies: readonly Copy[], toTheEnd = false): void {
    for (const copy of copies) {
      if (!queue.unacked.delete(copy)) continue;
      if (toTheEnd) copy.place = places++;
      queue.ready.push(copy);
    }
    queue.ready.sort((a, b) => a.place - b.place);
    offer(queue);
  }

  return {
    queue: (name: string) => queues.get(name)!,
    queues: () => [...queues.values()],
    declareQueue,
    bind: (queue: string, exchange: string, pattern: string) => void bindings.push({ exchange, pattern, queue }),
    publish,
    take(queue: ModelQueue): Copy {
      const copy = queue.ready.shift()!;
      copy.deliveries++;
      queue.unacked.add(copy);
      return copy;
    },
    acknowledge(queue: ModelQueue, copy: Copy): void {
      if (!queue.unacked.delete(copy)) return;
      observer.acknowledged(queue, copy.message);
    },
    requeue,
    offer,
    /** Every binding of the source exchange is gone for so long. */
    unbind: (ms: number) => (unboundUntil = scheduler.now() + ms),
    /** A copy too much, as after a failover or by an operator's hand; or the same message at another place. */
    duplicate(queue: ModelQueue): void {
      const copy = queue.ready[0];
      if (copy) enqueue(queue, copy.message);
    },
    moveToTheEnd(queue: ModelQueue): void {
      const copy = queue.ready.shift();
      if (!copy) return;
      copy.place = places++;
      queue.ready.push(copy);
    },
  };
}
