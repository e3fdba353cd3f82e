import { Buffer } from "node:buffer";
import type { ConfirmChannel, Options } from "amqplib";
import type { EventPublisher, Outcome } from "../domain/ports.ts";

export type Message = {
  readonly routingKey: string;
  readonly body: string;
  readonly properties: Options.Publish & { readonly messageId: string };
};

export type Publisher = EventPublisher<Message>;

/** Publishes on one confirm channel, and says for each message what became of it. */
export function createPublisher(
  channel: ConfirmChannel,
  options: { exchange: string; confirmTimeoutMs: number },
): Publisher {
  const returned = new Map<string, string>();
  // basic.return comes before the confirm of the same message, so it is known by then.
  channel.on("return", (message) => {
    const fields = message.fields as { replyCode?: number; replyText?: string };
    returned.set(String(message.properties.messageId), `${fields.replyCode} ${fields.replyText}`);
  });

  function readConfirm(error: Error | null, messageId: string, seconds: number): Outcome {
    const returnReason = returned.get(messageId);
    returned.delete(messageId);
    if (error?.message === "message nacked") return { kind: "nacked", reason: "the broker refused it (basic.nack)" };
    if (error) return { kind: "unknown", reason: error.message };
    if (returnReason !== undefined) return { kind: "returned", reason: `no queue took it (${returnReason})` };
    return { kind: "confirmed", seconds };
  }

  return {
    publish({ routingKey, body, properties }) {
      return new Promise((resolve) => {
        const started = performance.now();
        const timer = setTimeout(
          () => resolve({ kind: "timeout", reason: `no confirm within ${options.confirmTimeoutMs} ms` }),
          options.confirmTimeoutMs,
        );
        let settled = false;
        const settle = (error: Error | null) => {
          if (settled) return;
          settled = true;
          clearTimeout(timer);
          resolve(readConfirm(error, properties.messageId, (performance.now() - started) / 1000));
        };
        try {
          channel.publish(options.exchange, routingKey, Buffer.from(body, "utf8"), properties, settle);
        } catch (error) {
          // A dead channel throws instead of calling back.
          settle(error as Error);
        }
      });
    },
  };
}
