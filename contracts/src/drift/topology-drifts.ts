import { isDeepStrictEqual } from "node:util";
import { CONSUMER_DOCUMENT } from "../contract.ts";
import type { Path } from "../json.ts";
import type { Topology } from "../wire/topology.ts";
import { lossByField, MISSING, UNBOUND } from "./losses.ts";
import type { Part } from "./parts.ts";

/** Where a broker is not as the documents say. */
export interface Drift {
  /** Such as `queue apt.audit.queue`. */
  at: string;
  what: string;
  lost: string;
  document: string;
  path: Path;
  level: "error" | "note";
}

type Fields = Record<string, unknown>;
type Binding = Record<"source" | "routing_key" | "destination" | "destination_type", string>;

/** Exchanges, queues and bindings that are missing, changed, or described nowhere. `isOthers` tells another application's. */
export function topologyDrifts(
  actual: Topology,
  described: Topology,
  parts: Map<string, Part>,
  isOthers: (name: string) => boolean,
): Drift[] {
  return [
    ...(["exchange", "queue"] as const).flatMap((kind) =>
      ownDrifts(kind, actual[`${kind}s`], described[`${kind}s`], parts)
    ),
    ...bindingDrifts(actual, described, parts, isOthers),
    ...strangers("exchange", actual.exchanges, described.exchanges, isOthers),
    ...strangers("queue", actual.queues, described.queues, isOthers),
    ...holdUps(actual, parts, isOthers),
  ];
}

function ownDrifts(
  kind: "exchange" | "queue",
  actual: Record<string, object>,
  described: Record<string, object>,
  parts: Map<string, Part>,
): Drift[] {
  return Object.entries(described).flatMap(([name, wanted]) => {
    const part = parts.get(name) as Part;
    const found = actual[name];
    if (found === undefined) return [drift(`${kind} ${name}`, "is missing", MISSING[part.role], part)];
    const [is, should] = [flat(found), flat(wanted)];
    return [...new Set([...Object.keys(should), ...Object.keys(is)])]
      .filter((field) => !isDeepStrictEqual(is[field], should[field]))
      .map((field) =>
        drift(`${kind} ${name}`, `${field} is ${say(is[field])} instead of ${say(should[field])}`, lossByField(field), {
          ...part,
          path: part.role === "job" && field.startsWith("x-") ? [...part.path, "arguments", field] : part.path,
        })
      );
  });
}

/** Arguments stand beside the fields: they have names of their own. */
function flat(part: object): Fields {
  const { arguments: given, ...fields } = part as Fields;
  return { ...fields, ...(given as Fields) };
}

function bindingDrifts(
  actual: Topology,
  described: Topology,
  parts: Map<string, Part>,
  isOthers: (name: string) => boolean,
): Drift[] {
  const missing = Object.entries(described.bindings).filter(([name]) => actual.bindings[name] === undefined);
  const besides = Object.entries(actual.bindings).filter(([name]) => described.bindings[name] === undefined);
  return [
    ...missing.map(([name, value]) => {
      const { source, destination } = value as Binding;
      const lost = UNBOUND[parts.get(source)?.role ?? "events"];
      return drift(`binding ${name}`, "is missing", lost, parts.get(destination));
    }),
    ...besides.flatMap(([name, value]) => {
      const { source, destination } = value as Binding;
      if (!parts.has(destination) && isOthers(destination)) return [];
      if (!parts.has(source) && !parts.has(destination) && isOthers(source)) return [];
      const lost = parts.has(destination)
        ? "nothing, but messages come that the queue's job does not know: they end as its dead letters"
        : "nothing, but each message is copied to where nobody described it, with what personal data it has";
      return [drift(`binding ${name}`, "is described nowhere", lost, parts.get(destination) ?? parts.get(source))];
    }),
  ];
}

function strangers(
  kind: "exchange" | "queue",
  actual: Record<string, object>,
  described: Record<string, object>,
  isOthers: (name: string) => boolean,
): Drift[] {
  const lost = kind === "queue"
    ? "nothing of the documents', but what nobody reads fills the disk, and then no message is taken at all"
    : "what is published to it reaches no queue that the documents describe";
  return Object.keys(actual)
    .filter((name) => described[name] === undefined && !isOthers(name))
    .map((name) => drift(`${kind} ${name}`, "is described nowhere", lost));
}

/** A queue of another application may take events, but not keep the producer from those that come after. */
function holdUps(
  { queues, bindings }: Topology,
  parts: Map<string, Part>,
  isOthers: (name: string) => boolean,
): Drift[] {
  const takesEvents = (name: string) =>
    (Object.values(bindings) as Binding[]).some(({ source, destination }) =>
      destination === name && parts.get(source)?.role === "events"
    );
  return Object.entries(queues)
    .filter(([name, queue]) => !parts.has(name) && isOthers(name) && flat(queue)["x-overflow"] === "reject-publish")
    .filter(([name]) => takesEvents(name))
    .map(([name]) =>
      drift(
        `queue ${name}`,
        "of another application refuses events when it is full (x-overflow: reject-publish)",
        "nothing, but while it is full the producer publishes to nobody else at full speed",
      )
    );
}

export function drift(at: string, what: string, lost: string, part?: Pick<Part, "document" | "path">): Drift {
  return {
    at,
    what,
    lost,
    document: part?.document ?? CONSUMER_DOCUMENT,
    path: part?.path ?? ["x-rabbitmq"],
    level: "error",
  };
}

export function say(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
