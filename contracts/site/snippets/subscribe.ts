// npm install amqplib tsx; then: AMQP_URL=amqp://… npx tsx subscribe.ts
import amqp from "amqplib";
import process from "node:process";

async function subscribe(): Promise<void> {
  const connection = await amqp.connect(process.env.AMQP_URL ?? "amqp://localhost");
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("my-service.ROUTING_KEY", {
    durable: true,
    arguments: { "x-queue-type": "quorum" },
  });
  await channel.bindQueue(queue, "appointments.ex", "ROUTING_KEY");
  await channel.prefetch(20);

  console.error(`waiting for ROUTING_KEY in ${queue}`);
  await channel.consume(queue, (message) => {
    if (!message) return;
    const event = JSON.parse(message.content.toString("utf8"));
    console.log(event.eventName, event.aggregateId, event.eventId); // deduplicate by eventId
    channel.ack(message);
  });
}

subscribe();
