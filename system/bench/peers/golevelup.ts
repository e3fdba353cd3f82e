import "reflect-metadata";
import { createRequire } from "node:module";
import { exchange, type OpenPeer, routingKey } from "./peer.ts";

type Golevelup = {
  AmqpConnection: new (config: object) => {
    init(): Promise<void>;
    publish(exchange: string, routingKey: string, content: Uint8Array, options: object): Promise<boolean>;
    close(): Promise<void>;
  };
};
// Its types need those of NestJS' decorators.
const { AmqpConnection } = createRequire(import.meta.url)("@golevelup/nestjs-rabbitmq") as Golevelup;

export const openGolevelup: OpenPeer = async (amqpUrl) => {
  const logger = { log() {}, warn() {}, error: console.error, debug() {}, verbose() {} };
  const connection = new AmqpConnection({ uri: amqpUrl, connectionInitOptions: { wait: true }, logger });
  await connection.init();
  return {
    async publish(content) {
      await connection.publish(exchange, routingKey, content, { persistent: true, mandatory: true });
    },
    close: () => connection.close(),
  };
};
