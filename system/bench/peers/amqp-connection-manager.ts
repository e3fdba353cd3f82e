import { connect } from "amqp-connection-manager";
import { exchange, type OpenPeer, routingKey } from "./peer.ts";

export const openConnectionManager: OpenPeer = async (amqpUrl) => {
  const connection = connect([amqpUrl]);
  const channel = connection.createChannel({ confirm: true, publishTimeout: 5_000 });
  await channel.waitForConnect();
  return {
    async publish(content) {
      await channel.publish(exchange, routingKey, content, { persistent: true, mandatory: true });
    },
    async close() {
      await channel.close();
      await connection.close();
    },
  };
};
