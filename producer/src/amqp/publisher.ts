import { Buffer } from "node:buffer";
import type { ConfirmChannel, Options } from "amqplib";
import type { EventPublisher, Outcome } from "../domain/ports.ts";
import { createDeadlines } from "./confirm-deadlines.ts";

export type Message = {
  readonly routingKey: string;
  readonly body: string;
  readonly properties: Options.Publish & { readonly messageId: string };
};

export type Publisher = EventPublisher<Message>;

/** What the broker closed a channel for; without a routing key nothing may be published. */
export type Refusal = { readonly routingKey?: string | undefined; readonly reason: string };

function readRefusal({ message, code }: Error & { code?: unknown }): Refusal | undefined {
  if (code !== 403) return undefined;
  const [, reason = message] = /with message "(.*)"$/.exec(message) ?? [];
  return { routingKey: /access to topic '([^']*)'/.exec(reason)?.[1], reason };
}

/** Publishes on one confirm channel, and says for each message what became of it. */
export function createPublisher(
  channel: ConfirmChannel,
  options: {
    exchange: string;
    confirmTimeoutMs: number;
    onRefused?: (refusal: Refusal) => void;
    onConfirmed?: (routingKey: string) => void;
  },
): Publisher {
  const deadlines = createDeadlines(options.confirmTimeoutMs);
  const returned = new Map<string, string>();
  // Known before the channel's confirms fail: of all that was under way, this tells what the broker will never take.
  let refusal: Refusal | undefined;
  channel.on("error", (error: Error) => {
    refusal = readRefusal(error);
    if (refusal) options.onRefused?.(refusal);
  });
  // basic.return comes before the confirm of the same message, so it is known by then.
  channel.on("return", (message) => {
    const fields = message.fields as { replyCode?: number; replyText?: string };
    returned.set(String(message.properties.messageId), `${fields.replyCode} ${fields.replyText}`);
  });

  function readConfirm(
    error: Error | null,
    { routingKey, properties: { messageId } }: Message,
    seconds: number,
  ): Outcome {
    const returnReason = returned.get(messageId);
    returned.delete(messageId);
    if (error?.message === "message nacked") return { kind: "nacked", reason: "the broker refused it (basic.nack)" };
    if (error && refusal && (refusal.routingKey ?? routingKey) === routingKey) {
      return { kind: "refused", reason: refusal.reason };
    }
    if (error) return { kind: "unknown", reason: error.message };
    if (returnReason !== undefined) return { kind: "returned", reason: `no queue took it (${returnReason})` };
    options.onConfirmed?.(routingKey);
    return { kind: "confirmed", seconds };
  }

  return {
    publish(message) {
      const { routingKey, body, properties } = message;
      return new Promise((resolve) => {
        const started = performance.now();
        const answered = deadlines.start(() =>
          resolve({ kind: "timeout", reason: `no confirm within ${options.confirmTimeoutMs} ms` })
        );
        let settled = false;
        const settle = (error: Error | null) => {
          if (settled) return;
          settled = true;
          answered();
          resolve(readConfirm(error, message, (performance.now() - started) / 1000));
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
