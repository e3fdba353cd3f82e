import { expect, test } from "vitest";
import { loadContract } from "../contract.ts";
import { workingTree } from "../working-tree.ts";
import { describedTopology, producersPart, type Topology, topologyViolations } from "./topology.ts";

const contract = loadContract(workingTree(new URL("../../..", import.meta.url).pathname));
const described = describedTopology(contract);
const name = "apt.audit.queue";

function changed(change: (topology: Record<keyof Topology, Record<string, Record<string, unknown>>>) => void): string {
  const actual = structuredClone(described);
  change(actual as never);
  return topologyViolations(actual, described).map(({ reason }) => reason).join("\n");
}

test("what the documents describe is nothing to speak of", () => {
  expect(changed(() => {})).toBe("");
  expect(Object.keys(described.queues)).toHaveLength(5 * 6);
  expect(producersPart(described, "appointments.ex")).toEqual({
    exchanges: {
      "appointments.ex": { type: "topic", durable: true, auto_delete: false, internal: false, arguments: {} },
    },
    queues: {},
    bindings: {},
  });
});

test.each<[string, Parameters<typeof changed>[0], string]>([
  ["another type", (it) => it.exchanges.DLX!.type = "fanout", 'exchanges/DLX/type is "fanout" instead of "direct"'],
  ["an exchange that a restart forgets", (it) => it.exchanges["appointments.ex"]!.durable = false, "durable is false"],
  ["a queue too many", (it) => it.queues.mine = {}, "queues/mine is {} instead of absent"],
  ["a queue that is missing", (it) => delete it.queues[name], `queues/${name} is absent`],
  ["an exclusive queue", (it) => it.queues[name]!.exclusive = true, `queues/${name}/exclusive is true`],
  [
    "another argument",
    (it) => (it.queues[name]!.arguments as Record<string, unknown>)["x-max-length"] = 5,
    `queues/${name}/arguments/x-max-length is 5 instead of 10000`,
  ],
  [
    "a retry that waits for less",
    (it) => (it.queues["apt.audit.retry.1m"]!.arguments as Record<string, unknown>)["x-message-ttl"] = 1,
    "queues/apt.audit.retry.1m/arguments/x-message-ttl is 1 instead of 60000",
  ],
  [
    "a binding too many",
    (it) => it.bindings[`appointments.ex by # to ${name}`] = { arguments: {} },
    "bindings/appointments.ex by # to",
  ],
  [
    "a binding that is missing",
    (it) => delete it.bindings[`DLX by apt.audit.dlq to apt.audit.dlq`],
    "bindings/DLX by apt.audit.dlq to apt.audit.dlq is absent",
  ],
])("%s is found", (_, change, reason) => {
  expect(changed(change)).toContain(reason);
});
