import { Buffer } from "node:buffer";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connect } from "amqplib";
import { drift } from "../src/commands/drift.ts";
import { loadContract } from "../src/contract.ts";
import { brokerDefinitions } from "../src/definitions.ts";
import { type Servers, withServers } from "../src/servers.ts";
import { createPrivateServers, type PrivateServers } from "../src/wire/private-servers.ts";
import { workingTree } from "../src/working-tree.ts";
import { ROOT as PROJECT, SMALL as ROOT } from "./support/project.ts";

const { producer, consumer } = loadContract(workingTree(ROOT));
const { exchanges, queues, bindings } = brokerDefinitions(producer, consumer);

let own: PrivateServers;
let management: string;
let done = () => {};
beforeAll(async () => {
  const servers = await new Promise<Servers>((resolve, reject) => {
    withServers(PROJECT, (started) => {
      resolve(started);
      return new Promise<void>((end) => done = end);
    }).catch(reject);
  });
  management = servers.TEST_RABBITMQ_MANAGEMENT_URL;
  own = await createPrivateServers(servers, "drift");
});
afterAll(async () => {
  await own.drop();
  done();
});

/** The topology as described, whatever the test before has left. */
beforeEach(async () => {
  for (const policy of ["planted", "placed"]) {
    await own.manage("DELETE", `/api/policies/{vhost}/${policy}`).catch(() => {});
  }
  for (const what of ["queues", "exchanges"]) {
    const all = await own.manage("GET", `/api/${what}/{vhost}`) as { name: string }[];
    for (const { name } of all.filter(({ name }) => name !== "" && !name.startsWith("amq."))) {
      await own.manage("DELETE", `/api/${what}/{vhost}/${name}`);
    }
  }
  await own.manage("POST", "/api/definitions/{vhost}", { exchanges, queues, bindings });
});

async function drifts(options: Record<string, string> = {}) {
  const input = { root: ROOT, positionals: [], flags: new Set<string>() };
  const outcome = await drift.run({ ...input, options: { amqp: own.amqpUrl, management, ...options } });
  return {
    ...outcome,
    errors: outcome.findings.filter(({ level }) => level === "error").map(({ reason }) => reason),
    notes: outcome.findings.filter(({ level }) => level === "note").map(({ reason }) => reason),
  };
}

async function replace(kind: "queues" | "exchanges", name: string, change: object): Promise<void> {
  const all = kind === "queues" ? queues : exchanges;
  const { vhost: _vhost, name: _name, ...described } = all.find((one) => one.name === name)!;
  await own.manage("DELETE", `/api/${kind}/{vhost}/${name}`);
  await own.manage("PUT", `/api/${kind}/{vhost}/${name}`, { ...described, ...change });
}

async function rebind(name: string): Promise<void> {
  const concerned = bindings.filter(({ source, destination }) => source === name || destination === name);
  await own.manage("POST", "/api/definitions/{vhost}", { bindings: concerned });
}

const argumentsOf = (name: string) => queues.find((one) => one.name === name)!.arguments;

test("a broker as the documents say has no drift", async () => {
  expect(await drifts()).toMatchObject({ findings: [], summary: expect.stringMatching(/is as the documents say$/) });
});

test("an exchange of another type, one that a restart forgets, and one that is missing", async () => {
  await replace("exchanges", "parcels.ex", { type: "fanout" });
  await replace("exchanges", "parcels.retry.ex", { durable: false });
  await own.manage("DELETE", "/api/exchanges/{vhost}/DLX");
  for (const name of ["parcels.ex", "parcels.retry.ex"]) await rebind(name);
  const { errors } = await drifts();
  expect(errors).toContain(
    'exchange parcels.ex type is "fanout" instead of "topic"; lost: messages go to other queues than the ' +
      "documents say: some are lost, some come where nobody reads them",
  );
  expect(errors).toContainEqual(
    expect.stringMatching(/^exchange parcels\.retry\.ex durable is false instead of true; lost: a restart /),
  );
  expect(errors).toContainEqual(expect.stringMatching(/^exchange DLX is missing; lost: no dead letter is kept/));
  expect(errors).toContainEqual(
    expect.stringMatching(
      /^binding DLX by apt\.board\.dlq to apt\.board\.dlq is missing; lost: what the job gives up on/,
    ),
  );
});

test("a queue of another type, and queues with other arguments", async () => {
  await replace("queues", "apt.board.queue", {
    arguments: { "x-queue-type": "classic", "x-max-length": 5, "x-expires": 3_600_000 },
  });
  await replace("queues", "apt.board.retry.1m", {
    arguments: { ...argumentsOf("apt.board.retry.1m"), "x-message-ttl": 1 },
  });
  for (const name of ["apt.board.queue", "apt.board.retry.1m"]) await rebind(name);
  const { errors, findings } = await drifts();
  for (
    const expected of [
      /^queue apt\.board\.queue x-queue-type is "classic" instead of "quorum"; lost: what it holds is on one node's disk/,
      /^queue apt\.board\.queue x-max-length is 5 instead of 100; lost: another number/,
      /^queue apt\.board\.queue x-overflow is absent instead of "reject-publish"; lost: a full queue drops/,
      /^queue apt\.board\.queue x-dead-letter-exchange is absent instead of "DLX"; lost: what is given up goes/,
      /^queue apt\.board\.queue x-dead-letter-routing-key is absent instead of "apt\.board\.dlq"; lost: what is given up/,
      /^queue apt\.board\.queue x-dead-letter-strategy is absent instead of "at-least-once"; lost: what is given up is/,
      /^queue apt\.board\.queue x-delivery-limit is absent instead of 100; lost: messages are given up after/,
      /^queue apt\.board\.queue x-expires is 3600000 instead of absent; lost: the queue goes/,
      /^queue apt\.board\.retry\.1m x-message-ttl is 1 instead of 60000; lost: messages leave the queue/,
    ]
  ) {
    expect(errors).toContainEqual(expect.stringMatching(expected));
  }
  expect(errors).toHaveLength(9);
  expect(findings.find(({ reason }) => reason.includes("x-max-length"))).toMatchObject({
    file: "consumer/asyncapi.yaml",
    pointer: "/channels/boardQueue/x-rabbitmq/arguments/x-max-length",
  });
});

test("missing queues of each kind", async () => {
  for (const name of ["apt.board.queue", "apt.board.dlq", "apt.board.retry.1s"]) {
    await own.manage("DELETE", `/api/queues/{vhost}/${name}`);
  }
  expect((await drifts()).errors.filter((error) => error.startsWith("queue"))).toEqual([
    expect.stringMatching(/^queue apt\.board\.dlq is missing; lost: what the job gives up on/),
    expect.stringMatching(/^queue apt\.board\.retry\.1s is missing; lost: what should wait here/),
    expect.stringMatching(/^queue apt\.board\.queue is missing; lost: the job gets none/),
  ]);
});

test("a limit that the consumer is configured with is none", async () => {
  for (const { name, arguments: given } of queues.filter(({ arguments: given }) => "x-max-length" in given)) {
    await replace("queues", name, { arguments: { ...given, "x-max-length": 500 } });
    await rebind(name);
  }
  expect((await drifts({ "queue-max-length": "500" })).findings).toEqual([]);
  expect((await drifts()).errors).toHaveLength(1);
});

test("a binding that is missing, and one too many", async () => {
  const key = encodeURIComponent("parcel.lost");
  await own.manage("DELETE", `/api/bindings/{vhost}/e/parcels.ex/q/apt.board.queue/${key}`);
  await own.manage("POST", "/api/bindings/{vhost}/e/parcels.ex/q/apt.board.queue", { routing_key: "#" });
  await own.manage("PUT", "/api/exchanges/{vhost}/copies.ex", { type: "fanout" });
  await own.manage("POST", "/api/bindings/{vhost}/e/parcels.ex/e/copies.ex", { routing_key: "parcel.*" });
  const { errors } = await drifts();
  expect(errors).toHaveLength(4);
  for (
    const expected of [
      /^binding parcels\.ex by parcel\.lost to apt\.board\.queue is missing; lost: the job/,
      /^binding parcels\.ex by parcel\.\* to copies\.ex is described nowhere; lost: nothing, but/,
      /^binding parcels\.ex by # to apt\.board\.queue is described nowhere; lost: nothing, but/,
      /^exchange copies\.ex is described nowhere; lost: /,
    ]
  ) {
    expect(errors).toContainEqual(expect.stringMatching(expected));
  }
});

test("queues that nobody described, unless they are another application's that holds up nobody", async () => {
  await own.manage("PUT", "/api/queues/{vhost}/lab.queue", { durable: true, arguments: { "x-queue-type": "quorum" } });
  await own.manage("POST", "/api/bindings/{vhost}/e/parcels.ex/q/lab.queue", { routing_key: "parcel.#" });
  expect((await drifts()).errors).toEqual([
    expect.stringMatching(/^binding parcels\.ex by parcel\.# to lab\.queue is described nowhere/),
    expect.stringMatching(/^queue lab\.queue is described nowhere/),
  ]);
  expect((await drifts({ others: "lab\\..*" })).findings).toEqual([]);
  expect((await drifts({ others: "la" })).errors).toHaveLength(2);

  await replaceForeign("lab.queue", { "x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length": 9 });
  expect((await drifts({ others: "lab\\..*" })).errors).toEqual([
    expect.stringMatching(/^queue lab\.queue of another application refuses events when it is full/),
  ]);
});

async function replaceForeign(name: string, given: object): Promise<void> {
  await own.manage("DELETE", `/api/queues/{vhost}/${name}`);
  await own.manage("PUT", `/api/queues/{vhost}/${name}`, { durable: true, arguments: given });
  await own.manage("POST", `/api/bindings/{vhost}/e/parcels.ex/q/${name}`, { routing_key: "parcel.#" });
}

test("policies that change arguments; where replicas are is a note", async () => {
  await own.manage("PUT", "/api/policies/{vhost}/planted", {
    pattern: "^(apt\\.board\\.queue|parcels\\.ex)$",
    "apply-to": "all",
    definition: {
      "max-length": 7,
      "overflow": "drop-head",
      "dead-letter-exchange": "elsewhere",
      "delivery-limit": 1_000,
      "message-ttl": 60_000,
      "alternate-exchange": "amq.fanout",
    },
  });
  await own.manage("PUT", "/api/policies/{vhost}/placed", {
    pattern: "^apt\\.board\\.dlq$",
    "apply-to": "queues",
    definition: { "queue-leader-locator": "balanced" },
  });
  await expect.poll(async () => (await drifts()).notes).toHaveLength(1);
  const { errors, notes } = await drifts();
  expect(errors.sort()).toEqual([
    expect.stringMatching(
      /^exchange parcels\.ex policy planted makes alternate-exchange "amq\.fanout" instead of absent/,
    ),
    expect.stringMatching(
      /^queue apt\.board\.queue policy planted makes x-max-length 7 instead of 100; lost: another/,
    ),
    expect.stringMatching(
      /^queue apt\.board\.queue policy planted makes x-message-ttl 60000 instead of absent; lost: /,
    ),
    expect.stringMatching(
      /^queue apt\.board\.queue policy planted makes x-overflow "drop-head" instead of "reject-publish"/,
    ),
  ]);
  expect(notes[0]).toMatch(/^queue apt\.board\.dlq policy placed makes x-queue-leader-locator/);
});

test("with --watch: copies by CC, and keys that nobody described", async () => {
  const connection = await connect(own.amqpUrl);
  const channel = await connection.createChannel();
  const publishing = setInterval(() => {
    channel.publish("parcels.ex", "parcel.sent", Buffer.from("{}"), { CC: ["parcels.copy"] });
    channel.publish("parcels.ex", "parcel.lost", Buffer.from("{}"));
    channel.publish("parcels.ex", "parcels.noted", Buffer.from("{}"));
  }, 50);
  try {
    const { errors, lines } = await drifts({ watch: "2" });
    expect(errors.sort()).toEqual([
      expect.stringMatching(/^messages parcel\.sent are copied by CC to parcels\.copy; lost: nothing, but/),
      expect.stringMatching(/^messages parcels\.noted are published under a key that is described nowhere; lost: they/),
    ]);
    expect(lines).toEqual([expect.stringMatching(/^[1-9]\d* messages looked at in 2 s$/)]);
  } finally {
    clearInterval(publishing);
    await connection.close();
  }
});

test("what it is called with has to make sense, and a password is not repeated", async () => {
  await expect(drifts({ amqp: "http://user:secret@host" })).rejects.toThrow(/^--amqp takes an address .*amqp/);
  await expect(drifts({ amqp: "secret" })).rejects.not.toThrow(/secret/);
  await expect(drifts({ others: "(" })).rejects.toThrow("--others takes a regular expression, not (");
  await expect(drifts({ watch: "0" })).rejects.toThrow("--watch takes a whole number above 0, not 0");
  await expect(drifts({ management: "http://127.0.0.1:1" })).rejects.toThrow(
    /^GET \/api\/\w+\/drift_\w+ got no answer from http:\/\/127\.0\.0\.1:1$/,
  );
});
