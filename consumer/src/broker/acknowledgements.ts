import type { Channel, ConsumeMessage } from "amqplib";

export interface Acknowledgements {
  /** The message was handed over on this channel; to be told of each, in their order. */
  taken(message: ConsumeMessage): void;
  /** Its fate is durable. */
  done(message: ConsumeMessage): void;
  /** Sends what is done at once. */
  flush(): void;
}

/**
 * Acknowledges together what is done at the same moment: in one go up to the first message that is still worked on, one
 * by one beyond it. Nothing is acknowledged before it is done.
 */
export function createAcknowledgements(
  channel: Pick<Channel, "ack">,
  onError: (error: unknown) => void,
): Acknowledgements {
  const outstanding = new Set<ConsumeMessage>();
  const finished = new Set<ConsumeMessage>();
  let isAsked = false;

  function send(): void {
    let last: ConsumeMessage | undefined;
    for (const message of outstanding) {
      if (!finished.delete(message)) break;
      outstanding.delete(message);
      last = message;
    }
    if (last) channel.ack(last, true);
    for (const message of finished) {
      outstanding.delete(message);
      channel.ack(message, false);
    }
    finished.clear();
  }

  function flush(): void {
    isAsked = false;
    try {
      send();
    } catch (error) {
      onError(error);
    }
  }

  return {
    taken: (message) => void outstanding.add(message),
    done(message) {
      finished.add(message);
      if (isAsked) return;
      isAsked = true;
      queueMicrotask(flush);
    },
    flush,
  };
}
