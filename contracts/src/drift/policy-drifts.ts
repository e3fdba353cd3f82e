import type { Manage } from "../wire/management.ts";
import type { Topology } from "../wire/topology.ts";
import { lossByField } from "./losses.ts";
import type { Part } from "./parts.ts";
import { type Drift, drift, say } from "./topology-drifts.ts";

type Values = Record<string, unknown>;

/** A policy, or an operator's policy, and what it sets at one exchange or queue. */
export interface AppliedPolicy {
  name: string;
  policies: string[];
  sets: Values;
}

/** Which policies apply to what (https://www.rabbitmq.com/docs/parameters#policies). */
export async function readPolicies(manage: Manage): Promise<AppliedPolicy[]> {
  const list = async (what: string) => (await manage("GET", `/api/${what}/{vhost}`) ?? []) as Values[];
  const [exchanges, queues, policies] = await Promise.all([list("exchanges"), list("queues"), list("policies")]);
  const definitions = new Map(policies.map(({ name, definition }) => [name, definition as Values]));
  return [
    ...exchanges.map(({ name, policy }) => applied(name, [policy], definitions.get(policy) ?? {})),
    ...queues.map(({ name, policy, operator_policy: operators, effective_policy_definition: effective }) =>
      applied(name, [policy, operators], Array.isArray(effective) ? {} : effective as Values ?? {})
    ),
  ].filter(({ sets }) => Object.keys(sets).length > 0);
}

function applied(name: unknown, policies: unknown[], sets: Values): AppliedPolicy {
  return { name: String(name), policies: policies.filter(Boolean).map(String), sets };
}

/** What a policy can say of an exchange; all else is of queues. */
const OF_EXCHANGES = /^(alternate-exchange$|federation-)/;

/** Where replicas are and how much stays in memory: no message is lost or kept by it. */
const PLACEMENT = /^(ha-|queue-(leader|master)-locator$|queue-mode$|queue-version$|target-group-size$|max-in-memory-)/;

/** Policies that give a described exchange or queue another argument than the documents do. */
export function policyDrifts(policies: AppliedPolicy[], described: Topology, parts: Map<string, Part>): Drift[] {
  return policies.filter(({ name }) => parts.has(name)).flatMap(({ name, policies: by, sets }) => {
    const kind = described.queues[name] === undefined ? "exchange" : "queue";
    const { arguments: declared } = (described[`${kind}s`][name] ?? {}) as { arguments: Values };
    const concerned = Object.entries(sets).filter(([key]) => OF_EXCHANGES.test(key) === (kind === "exchange"));
    return concerned.flatMap(([key, value]) => {
      const argument = kind === "queue" ? `x-${key}` : key;
      const effective = inEffect(key, value, declared[argument]);
      if (effective === declared[argument]) return [];
      const what = `policy ${by.join(" and ")} makes ${argument} ${say(effective)} instead of ${
        say(declared[argument])
      }`;
      const found = drift(`${kind} ${name}`, what, lossByField(argument), parts.get(name));
      return [PLACEMENT.test(key) ? { ...found, lost: "nothing", level: "note" as const } : found];
    });
  });
}

/** As quorum queues resolve it (rabbit_quorum_queue.erl): the lower limit, the policy's overflow, else the argument. */
function inEffect(key: string, policy: unknown, argument: unknown): unknown {
  if (argument === undefined || key === "overflow") return policy;
  return typeof policy === "number" && typeof argument === "number" ? Math.min(policy, argument) : argument;
}
