const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };

/** A queue with everything that belongs to it, from the channel's AMQP binding and its x-rabbitmq extension. */
export function describeQueue(channel, { queuePrefix }) {
  const { name } = channel.bindings().get("amqp").value().queue;
  const { stem, bindings, arguments: queueArguments, deadLetter, retry } = channel.extensions().get("x-rabbitmq")
    .value();
  return {
    name,
    bindings,
    arguments: queueArguments,
    deadLetter,
    retry: {
      exchange: retry.exchange,
      routingKey: name,
      delays: retry.delays.map((delay) => describeDelay(delay, queuePrefix + stem, name, retry.exchange)),
    },
  };
}

/** `stem` is that of the queues, with their prefix. One queue a delay: a time to live of each message would block behind a longer one at the head. */
export function describeDelay(delay, stem, sourceQueue, exchange) {
  const queue = `${stem}.retry.${delay}`;
  const ttlMs = Number.parseInt(delay, 10) * UNITS[delay.at(-1)];
  return {
    name: delay,
    queue,
    routingKey: queue,
    ttlMs,
    arguments: {
      "x-queue-type": "quorum",
      "x-message-ttl": ttlMs,
      "x-overflow": "reject-publish",
      "x-dead-letter-exchange": exchange,
      "x-dead-letter-routing-key": sourceQueue,
      "x-dead-letter-strategy": "at-least-once",
    },
  };
}

export function describeOwnExchange({ name, type, durable, autoDelete }) {
  return { name, type, options: { durable, autoDelete } };
}

/** The producer's exchange, which the consumer asserts with the same arguments before it binds. */
export function describeSourceExchange(asyncapi) {
  return describeOwnExchange(
    asyncapi.extensions().get("x-rabbitmq").value().exchanges.source,
  );
}
