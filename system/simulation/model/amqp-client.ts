import { EventEmitter } from "node:events";
import type { Process, Scheduler } from "../scheduler.ts";
import type { Broker, Copy, ModelMessage, ModelQueue } from "./broker.ts";

type Confirm = (error: Error | null) => void;
type Handler = (message: Record<string, unknown> | null) => void;

export type ModelConnection = ReturnType<typeof openConnection>;

/** One connection, in the shape of amqplib's ChannelModel as far as the services use it. Each direction keeps its order. */
export function openConnection(scheduler: Scheduler, broker: Broker, owner: Process) {
  let open = true;
  let silentUntil = 0;
  const arrivals = { there: 0, back: 0 };
  const channels = new Set<{ lose(error: Error): void; serverEnd(): void }>();
  const events = new EventEmitter();

  function send(direction: "there" | "back", run: () => void): void {
    const { between, now } = scheduler;
    const at = Math.max(arrivals[direction], silentUntil, now() + between(0.1, 3)) + 0.001;
    arrivals[direction] = at;
    scheduler.after(at - now(), direction === "back" ? owner : undefined, run);
  }
  /** What is on its way when the connection is lost may come as far as a part of it. */
  let cutAt = Infinity;
  const toServer = (run: () => void) =>
    send("there", () => {
      if (scheduler.now() < cutAt) run();
    });
  const toClient = (run: () => void) =>
    send("back", () => {
      if (open) run();
    });
  const unanswered = new Set<(error: Error) => void>();
  function roundTrip<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!open) return reject(new Error("Channel closed"));
      unanswered.add(reject);
      toServer(() => {
        const result = work();
        toClient(() => {
          unanswered.delete(reject);
          resolve(result);
        });
      });
    });
  }

  function createChannel() {
    const emitter = new EventEmitter();
    const pending = new Set<Confirm>();
    const held = new Map<number, { queue: ModelQueue; copy: Copy }>();
    const consuming: { queue: ModelQueue; consumer: { offer(): boolean }; tag: string }[] = [];
    let usable = true;
    let prefetch = Infinity;
    let tags = 0;

    const own = {
      lose(error: Error) {
        if (!usable) return;
        usable = false;
        pending.forEach((confirm) => confirm(error));
        pending.clear();
        emitter.emit("close");
      },
      serverEnd() {
        for (const { queue, consumer } of consuming) {
          queue.consumers = queue.consumers.filter((other) => other !== consumer);
        }
        const given = [...held.values()];
        held.clear();
        const toTheEnd = scheduler.chance(0.2);
        for (const queue of new Set(given.map((one) => one.queue))) {
          broker.requeue(queue, given.filter((one) => one.queue === queue).map(({ copy }) => copy), toTheEnd);
        }
      },
    };
    channels.add(own);

    function requireOpen(): void {
      if (!usable) throw new Error("Channel closed");
    }

    function deliver(queue: ModelQueue, handler: Handler, consumerTag: string): void {
      const copy = broker.take(queue);
      const deliveryTag = ++tags;
      held.set(deliveryTag, { queue, copy });
      const { content, properties, exchange, routingKey } = copy.message;
      const again = copy.deliveries > 1;
      const headers = { ...properties.headers, ...(again ? { "x-delivery-count": copy.deliveries - 1 } : {}) };
      const fields = { deliveryTag, consumerTag, redelivered: again, exchange, routingKey };
      toClient(() => {
        if (usable) handler({ content, properties: { ...properties, headers }, fields });
      });
    }

    return Object.assign(emitter, {
      publish(exchange: string, routingKey: string, content: unknown, properties: object, confirm: Confirm) {
        requireOpen();
        pending.add(confirm);
        toServer(() => {
          const message = { exchange, routingKey, content, properties } as ModelMessage;
          const answer = broker.publish(message);
          if (answer === "returned") {
            toClient(() => {
              const fields = { replyCode: 312, replyText: "NO_ROUTE" };
              if (usable) emitter.emit("return", { fields, content, properties });
            });
          }
          toClient(() => {
            if (pending.delete(confirm)) confirm(answer === "nacked" ? new Error("message nacked") : null);
          });
        });
        return true;
      },
      prefetch: (count: number) => roundTrip(() => void (prefetch = count)),
      consume: (name: string, handler: Handler) =>
        roundTrip(() => {
          const queue = broker.queue(name);
          const tag = `${owner.name}-${name}`;
          const consumer = {
            offer() {
              if (held.size >= prefetch) return false;
              deliver(queue, handler, tag);
              return true;
            },
          };
          queue.consumers.push(consumer);
          consuming.push({ queue, consumer, tag });
          broker.offer(queue);
          return { consumerTag: tag };
        }),
      ack({ fields: { deliveryTag } }: { fields: { deliveryTag: number } }, allUpTo = false) {
        requireOpen();
        toServer(() => {
          const tags = allUpTo ? [...held.keys()].filter((tag) => tag <= deliveryTag) : [deliveryTag];
          for (const tag of tags) {
            const one = held.get(tag);
            if (!one) continue;
            held.delete(tag);
            broker.acknowledge(one.queue, one.copy);
            broker.offer(one.queue);
          }
        });
      },
      cancel: (tag: string) =>
        roundTrip(() => {
          for (const { queue, consumer } of consuming.filter((one) => one.tag === tag)) {
            queue.consumers = queue.consumers.filter((other) => other !== consumer);
          }
        }),
      // What the services declare again is there: the model loses no queue.
      assertQueue: (queue: string) => roundTrip(() => ({ queue })),
      assertExchange: (exchange: string) => roundTrip(() => ({ exchange })),
      checkExchange: (exchange: string) => roundTrip(() => ({ exchange })),
      bindQueue: () => roundTrip(() => ({})),
      async close() {
        if (!usable) throw new Error("Channel closed");
        await roundTrip(() => own.serverEnd());
        channels.delete(own);
        own.lose(new Error("channel closed"));
      },
    });
  }

  /** The client knows at once or later; the server gives back what was held once it notices. */
  function lose(): void {
    if (!open) return;
    open = false;
    cutAt = scheduler.now() + scheduler.between(0, 3);
    scheduler.after(scheduler.between(3, 30), undefined, () => channels.forEach((channel) => channel.serverEnd()));
    const tell = () => {
      unanswered.forEach((reject) => reject(new Error("Channel ended, no reply will be forthcoming")));
      channels.forEach((channel) => channel.lose(new Error("channel closed")));
      events.emit("close");
    };
    scheduler.after(scheduler.between(0, 5), owner, tell);
  }

  return Object.assign(events, {
    connection: { blocked: false },
    isOpen: () => open,
    createChannel: () => (open ? roundTrip(createChannel) : Promise.reject(new Error("Connection closed"))),
    createConfirmChannel: () => (open ? roundTrip(createChannel) : Promise.reject(new Error("Connection closed"))),
    close(): Promise<void> {
      lose();
      return Promise.resolve();
    },
    lose,
    /** Nothing arrives for so long, in neither direction. */
    silence: (ms: number) => (silentUntil = scheduler.now() + ms),
  });
}
