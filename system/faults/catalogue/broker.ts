import { type Channel, connect } from "amqplib";
import { callManagement } from "../../stack/rabbitmq-management.ts";
import type { Fault } from "../fault.ts";
import type { Scene } from "../scene.ts";

const jobQueues = {
  "apt.notifications.queue": ["appointment.*", "doctor.*"],
  "apt.availability.queue": ["appointment.*", "doctor.*"],
  "apt.audit.queue": ["appointment.*", "doctor.*"],
  "apt.calendar.queue": ["appointment.*"],
  "apt.created.queue": ["appointment.created"],
};
const queues = Object.keys(jobQueues);
const bindings = [
  ["apt.audit.queue", "appointment.*"],
  ["apt.notifications.queue", "appointment.*"],
  ["apt.calendar.queue", "appointment.*"],
  ["apt.created.queue", "appointment.created"],
] as const;
const oneOf = <Item>(items: readonly Item[], random: () => number) => items[Math.floor(random() * items.length)]!;

async function atTheBroker(scene: Scene, body: (channel: Channel) => Promise<unknown>): Promise<void> {
  const connection = await connect(scene.clinic.amqp);
  connection.on("error", () => {});
  try {
    await body(await connection.createChannel());
  } finally {
    await connection.close().catch(() => {});
  }
}

const deleted = (what: string, remove: (channel: Channel, random: () => number) => Promise<unknown>): Fault => ({
  name: `${what}-deleted`,
  catchesUp: true,
  async inject(scene) {
    await atTheBroker(scene, (channel) => remove(channel, scene.random));
    await scene.wait(500, 1_500);
  },
});

const management = (scene: Scene, method: string, path: string, body?: unknown) =>
  callManagement(scene.servers.broker().managementUrl, method, path, body);

/** What the broker may be short of, and what a person may take from it. */
export const broker: Fault[] = [
  {
    name: "memory-alarm",
    times: 1,
    async inject({ servers, wait }) {
      const { control } = servers.broker();
      await control("set_vm_memory_high_watermark", "absolute", "1MB");
      await wait(2_000, 8_000);
      await control("set_vm_memory_high_watermark", "0.6");
    },
  },
  {
    name: "disk-alarm",
    times: 1,
    async inject({ servers, wait }) {
      const { control } = servers.broker();
      await control("set_disk_free_limit", "100000GB");
      await wait(2_000, 8_000);
      await control("set_disk_free_limit", "50MB");
    },
  },
  {
    name: "queues-full",
    times: 1,
    async inject(scene) {
      const queue = scene.random() < 0.5 ? ".*" : oneOf(queues, scene.random);
      const policy = `/api/policies/${scene.vhost}/full`;
      await management(scene, "PUT", policy, {
        pattern: `^${queue.replaceAll(".q", "\\.q")}$`,
        "apply-to": "queues",
        definition: { "max-length": 3 },
      });
      await scene.kill("consumer");
      await scene.wait(3_000, 6_000);
      await scene.start("consumer");
      await scene.wait(500, 1_500);
      await management(scene, "DELETE", policy);
    },
  },
  deleted("binding", (channel, random) => {
    const [queue, pattern] = oneOf(bindings, random);
    return channel.unbindQueue(queue, "appointments.ex", pattern);
  }),
  deleted("exchange", (channel) => channel.deleteExchange("appointments.ex")),
  deleted("retry-exchange", (channel) => channel.deleteExchange("apt.retry.ex")),
  deleted("queue", (channel, random) => channel.deleteQueue(oneOf(queues, random))),
  deleted("all-queues", (channel) => Promise.all(queues.map((queue) => channel.deleteQueue(queue)))),
  {
    // No queue is bound while events come. Nobody publishes while only some are: the broker returns an event only where
    // not one queue takes it.
    name: "nothing-bound",
    async inject(scene) {
      const producer = scene.service("producer").pid;
      const bound = Object.entries(jobQueues).flatMap(([queue, patterns]) =>
        patterns.map((one) => [queue, one] as const)
      );
      await scene.kill("consumer");
      await atTheBroker(scene, async (channel) => {
        await scene.freeze(producer, 500, async () => {
          for (const [queue, pattern] of bound) await channel.unbindQueue(queue, "appointments.ex", pattern);
        });
        await scene.wait(1_500, 3_000);
        await scene.freeze(producer, 500, async () => {
          for (const [queue, pattern] of bound) await channel.bindQueue(queue, "appointments.ex", pattern);
        });
      });
      await scene.start("consumer");
    },
  },
  {
    name: "permission-taken",
    async inject(scene) {
      const user = `${scene.random() < 0.5 ? "producer" : "consumer"}-${scene.vhost}`;
      const path = `/api/permissions/${scene.vhost}/${user}`;
      const { configure, write, read } = await management(scene, "GET", path) as Record<string, string>;
      await management(scene, "DELETE", path);
      // Who is connected keeps what it was allowed until it opens a channel again.
      for (const name of ["producerBroker", "consumerBroker"] as const) scene.links[name].cut();
      await scene.wait(1_000, 3_000);
      await management(scene, "PUT", path, { configure, write, read });
    },
  },
];
