import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";
import { brokerDefinitions } from "./definitions.ts";
import { workingTree } from "./working-tree.ts";

const read = workingTree(`${import.meta.dirname}/../..`);
const producer = bundle("asyncapi.yaml", read);
const consumer = bundle("consumer/asyncapi.yaml", read);
const { permissions, topic_permissions, users, queues, bindings, exchanges } = brokerDefinitions(producer, consumer);

function may(
  user: string,
  action: "configure" | "write" | "read",
  name: string,
): boolean {
  const granted = permissions.find((permission) => permission.user === user)!;
  return new RegExp(granted[action]).test(name);
}

const owned = [...queues.map(({ name }) => name), "DLX", "apt.retry.ex"];

test("the producer may configure and write its exchange, and touches nothing that the consumer owns", () => {
  expect(may("producer", "configure", "appointments.ex")).toBe(true);
  expect(may("producer", "write", "appointments.ex")).toBe(true);
  for (
    const name of [
      ...owned,
      "appointments.ex2",
      "xappointments.ex",
      "appointmentsxex",
      "amq.default",
    ]
  ) {
    expect(may("producer", "configure", name), name).toBe(false);
    expect(may("producer", "write", name), name).toBe(false);
  }
  expect(may("producer", "read", "appointments.ex")).toBe(false);
});

test("the consumer may do everything with what it owns, and only read the producer's exchange", () => {
  for (const name of owned) {
    for (const action of ["configure", "write", "read"] as const) {
      expect(may("consumer", action, name), name).toBe(true);
    }
  }
  expect(may("consumer", "read", "appointments.ex")).toBe(true);
  expect(may("consumer", "configure", "appointments.ex")).toBe(false);
  expect(may("consumer", "write", "appointments.ex")).toBe(false);
  expect(may("consumer", "write", "amq.default")).toBe(false);
});

test("the producer may write the events of its document and the consumer may bind what its queues are bound to", () => {
  const [writes, reads] = [topic_permissions[0]!, topic_permissions[1]!];
  expect(writes).toMatchObject({
    user: "producer",
    exchange: "appointments.ex",
    read: "^$",
  });
  expect("appointment.created").toMatch(new RegExp(writes.write));
  for (
    const key of [
      "appointment.deleted",
      "appointment.created.more",
      "doctor.",
      "appointment#created",
    ]
  ) {
    expect(key).not.toMatch(new RegExp(writes.write));
  }
  expect(reads).toMatchObject({
    user: "consumer",
    exchange: "appointments.ex",
    write: "^$",
  });
  expect("appointment.*").toMatch(new RegExp(reads.read));
  expect("#").not.toMatch(new RegExp(reads.read));
});

test("a password is a place to fill in, never a value", () => {
  expect(users.map(({ name, password_hash }) => [name, password_hash])).toEqual(
    [
      ["admin", "@RABBITMQ_ADMIN_PASSWORD_HASH@"],
      ["producer", "@RABBITMQ_PRODUCER_PASSWORD_HASH@"],
      ["consumer", "@RABBITMQ_CONSUMER_PASSWORD_HASH@"],
    ],
  );
});

test("every queue of every job is there, dead letters before what refers to them, and every binding has both ends", () => {
  const names = queues.map(({ name }) => name);
  expect(names).toHaveLength(5 * 6);
  expect(names.indexOf("apt.created.dlq")).toBeLessThan(
    names.indexOf("apt.created.queue"),
  );
  for (const { source, destination } of bindings) {
    expect(exchanges.map(({ name }) => name)).toContain(source);
    expect(names).toContain(destination);
  }
  const delayed = queues.find(({ name }) => name === "apt.created.retry.10m")!;
  expect(delayed.arguments).toMatchObject({
    "x-message-ttl": 600_000,
    "x-dead-letter-routing-key": "apt.created.queue",
  });
});
