import type { Contract } from "../contract.ts";
import { brokerDefinitions } from "../definitions.ts";
import { type JsonObject, sameJson } from "../json.ts";
import { differences } from "./differences.ts";
import type { Manage } from "./management.ts";
import { createPrivateServers } from "./private-servers.ts";
import { loadServices } from "../project.ts";
import type { Servers } from "../servers.ts";
import type { WireViolation } from "./wire-violations.ts";

/** What a broker holds, each by its name. */
export interface Topology {
  exchanges: Record<string, object>;
  queues: Record<string, object>;
  bindings: Record<string, object>;
}

/** What the documents say that there is, in one virtual host; the jobs' queues with another limit where one is given. */
export function describedTopology({ producer, consumer }: Contract, maxLength?: number): Topology {
  const { exchanges, queues, bindings } = brokerDefinitions(producer, consumer);
  const limited = (given: JsonObject): JsonObject =>
    maxLength === undefined || given["x-max-length"] === undefined ? given : { ...given, "x-max-length": maxLength };
  const declared = queues.map((one) => ({ ...one, exclusive: false, arguments: limited(one.arguments) }));
  return topologyOf({ exchanges, queues: declared, bindings } as unknown as Listed);
}

type Listed = Record<"exchanges" | "queues" | "bindings", JsonObject[]>;

/** What there is, by the management API: not what is predeclared, nor what is gone with its connection. */
export async function readTopology({ manage }: { manage: Manage }): Promise<Topology> {
  const list = async (what: string) => await manage("GET", `/api/${what}/{vhost}`) as JsonObject[];
  const [exchanges, queues, bindings] = await Promise.all(["exchanges", "queues", "bindings"].map(list));
  return topologyOf({
    exchanges: (exchanges ?? []).filter(({ name }) => name !== "" && !String(name).startsWith("amq.")),
    queues: (queues ?? []).filter(({ name }) => !String(name).startsWith("amq.gen-")),
    bindings: (bindings ?? []).filter(({ source, destination }) =>
      source !== "" && !String(destination).startsWith("amq.gen-")
    ),
  });
}

function topologyOf({ exchanges, queues, bindings }: Listed): Topology {
  const named = (all: JsonObject[], fields: string[], name: (one: JsonObject) => string) =>
    Object.fromEntries(all.map((one) => [name(one), Object.fromEntries(fields.map((field) => [field, one[field]]))]));
  const byName = ({ name }: JsonObject) => String(name);
  return {
    exchanges: named(exchanges, ["type", "durable", "auto_delete", "internal", "arguments"], byName),
    queues: named(queues, ["durable", "auto_delete", "exclusive", "arguments"], byName),
    bindings: named(
      bindings,
      ["source", "routing_key", "destination", "destination_type", "arguments"],
      ({ source, destination, routing_key: key, arguments: given }) =>
        `${source} by ${key} to ${destination}${sameJson(given, {}) ? "" : ` with ${JSON.stringify(given)}`}`,
    ),
  };
}

/** The exchanges, queues and bindings that are not as described, are missing, or that nobody described. */
export function topologyViolations(actual: Topology, described: Topology): WireViolation[] {
  return differences(actual, described).map((reason) => ({
    pointer: "/channels",
    reason: `at the broker, after the services have declared it: ${reason}`,
  }));
}

/** The producer declares its exchange and nothing else. */
export function producersPart({ exchanges }: Topology, exchange: string): Topology {
  const own = exchanges[exchange];
  return { exchanges: own ? { [exchange]: own } : {}, queues: {}, bindings: {} };
}

/** What the consumer of `root` declares, on a broker that has nothing. */
export async function consumersTopology(root: string, servers: Servers): Promise<Topology> {
  const own = await createPrivateServers(servers, "topology");
  try {
    const { startConsumer } = await loadServices();
    const consumer = await startConsumer(root, own);
    try {
      return await readTopology(own);
    } finally {
      await consumer.stop();
    }
  } finally {
    await own.drop();
  }
}
