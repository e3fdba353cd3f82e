import type { Channel, ChannelModel } from "amqplib";
import { exchange } from "../generated/topology.ts";

/** An error closes the channel, so each question has one of its own. */
async function ask(connection: ChannelModel, question: (channel: Channel) => Promise<unknown>): Promise<void> {
  const channel = await connection.createChannel();
  channel.on("error", () => {});
  await question(channel);
  await channel.close();
}

/** Declares the exchange; true when it was not there. */
export async function assertExchange(connection: ChannelModel): Promise<boolean> {
  const { name, type, options } = exchange;
  let wasMissing = false;
  try {
    await ask(connection, (channel) => channel.checkExchange(name));
  } catch (error) {
    if ((error as { code?: unknown }).code !== 404) throw error;
    wasMissing = true;
  }
  await ask(connection, (channel) => channel.assertExchange(name, type, options));
  return wasMissing;
}
