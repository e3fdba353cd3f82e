import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { exchange, type OpenPeer, routingKey } from "./peer.ts";

type Broker = EventEmitter & {
  publish(publication: string, content: Uint8Array, overrides: object): Promise<EventEmitter>;
  shutdown(): Promise<void>;
};
type Rascal = {
  BrokerAsPromised: { create(config: object): Promise<Broker> };
  withDefaultConfig(config: object): object;
};
// It has no types of its own.
const rascal = createRequire(import.meta.url)("rascal") as Rascal;

export const openRascal: OpenPeer = async (amqpUrl) => {
  const vhost = decodeURIComponent(new URL(amqpUrl).pathname.slice(1));
  const broker = await rascal.BrokerAsPromised.create(rascal.withDefaultConfig({
    vhosts: {
      [vhost]: {
        connection: { url: amqpUrl },
        exchanges: { [exchange]: { assert: false } },
        publications: { event: { exchange, routingKey, confirm: true, timeout: 5_000 } },
      },
    },
  }));
  broker.on("error", () => {});
  return {
    async publish(content) {
      const publication = await broker.publish("event", content, { options: { persistent: true, mandatory: true } });
      await new Promise<void>((resolve, reject) => {
        publication.once("success", () => resolve());
        publication.once("error", reject);
        publication.once("return", () => reject(new Error("no queue took it")));
      });
    },
    close: () => broker.shutdown(),
  };
};
