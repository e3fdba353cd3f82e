import { connect } from "amqplib";
import { exchange, type OpenPeer, routingKey } from "./peer.ts";

/** A channel for each publication, and nothing that says whether the broker has it. */
export const openNaive: OpenPeer = async (amqpUrl) => {
  const connection = await connect(amqpUrl);
  return {
    async publish(content) {
      const channel = await connection.createChannel();
      channel.publish(exchange, routingKey, content, { persistent: true });
      await channel.close();
    },
    close: () => connection.close(),
  };
};
