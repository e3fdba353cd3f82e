import { connect } from "amqplib";
import { message } from "./outbox-events.ts";

/** Publishes so many events with at most `window` unconfirmed ones; returns how many a second were confirmed. */
export async function publishBare(amqpUrl: string, exchange: string, count: number, window: number): Promise<number> {
  const connection = await connect(amqpUrl, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  const { routingKey, content, properties } = message;
  const started = performance.now();
  await new Promise<void>((resolve, reject) => {
    let sent = 0;
    let confirmed = 0;
    function fill(): void {
      while (sent < count && sent - confirmed < window) {
        channel.publish(exchange, routingKey, content, properties(sent++), settle);
      }
    }
    function settle(error: Error | null): void {
      if (error) return reject(error);
      if (++confirmed === count) return resolve();
      fill();
    }
    fill();
  });
  const seconds = (performance.now() - started) / 1000;
  await connection.close();
  return count / seconds;
}
