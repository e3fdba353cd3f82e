import { connect } from "amqplib";
import { exchange, type OpenPeer, routingKey } from "./peer.ts";

/** amqplib's confirm channel, as a worker of a job queue would use it. */
export const openConfirming: OpenPeer = async (amqpUrl) => {
  const connection = await connect(amqpUrl);
  const channel = await connection.createConfirmChannel();
  return {
    publish: (content) =>
      new Promise((resolve, reject) => {
        const settle = (error: Error | null) => error ? reject(error) : resolve();
        channel.publish(exchange, routingKey, content, { persistent: true, mandatory: true }, settle);
      }),
    close: () => connection.close(),
  };
};
