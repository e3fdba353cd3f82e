import { type Contract, jobs, sentEvents } from "../contract.ts";
import { arrayAt, at, textAt } from "../json.ts";
import { loadServices } from "../project.ts";
import { violations } from "../schema-validator.ts";
import type { Servers } from "../servers.ts";
import { topicMatches } from "../topic.ts";
import type { WireMessage } from "../wire/capture.ts";
import { createPrivateServers } from "../wire/private-servers.ts";
import { parseBody } from "../wire/wire-violations.ts";
import { type GoldenMessage, type Release, toPublish } from "./release.ts";

export interface Replayed {
  /** How many messages were understood by everybody who gets them. */
  understood: number;
  of: number;
  /** How many are of a version, or an announced event, that is newer than everybody there: dead letters until an upgrade. */
  waiting?: number;
  problems: string[];
}

const WAIT_MS = 15_000;

/** Hands a release's messages, in their order, to the consumer of `root`; each job has to take each that it gets. */
export async function replayThroughConsumer(
  root: string,
  contract: Contract,
  servers: Servers,
  { messages, keys }: Pick<Release, "messages" | "keys">,
): Promise<Replayed> {
  const own = await createPrivateServers(servers, "replay");
  try {
    const { startConsumer } = await loadServices();
    const consumer = await startConsumer(root, own, keys);
    try {
      const expected = messages.flatMap((message) =>
        receivers(contract, message.routingKey).map((job) => ({ job, message, eventKey: eventKeyOf(message) }))
      );
      for (const message of messages) await consumer.publish(toPublish(message));
      const handled = await consumer.handled(expected.length, WAIT_MS);
      const failed = expected.flatMap(({ job, message, eventKey }) => {
        const outcome = handled.find((one) => one.job === job && one.eventKey === eventKey);
        if (outcome && outcome.deadBecause === undefined) return [];
        const why = outcome ? `gave it up: ${outcome.deadBecause}` : `has not taken it in ${WAIT_MS / 1000} s`;
        return [{ message, problem: `${message.routingKey} ${eventKey}: the job ${job} ${why}` }];
      });
      if (!consumer.isRunning()) failed.push({ message: messages[0] as GoldenMessage, problem: "the consumer died" });
      const lost = new Set(failed.map(({ message }) => message));
      return {
        understood: messages.length - lost.size,
        of: messages.length,
        problems: failed.map((one) => one.problem),
      };
    } finally {
      await consumer.stop();
    }
  } finally {
    await own.drop();
  }
}

/**
 * Holds messages against the schemas of another contract, as its tolerant readers would: unknown fields are ignored. An
 * event that it does not know is a problem where it reaches a queue, unless the sender's contract has announced by a
 * higher major version that the readers are to be upgraded first.
 */
export function validateAgainst(
  contract: Contract,
  messages: Pick<WireMessage, "content" | "routingKey">[],
  sender: Contract = contract,
): Replayed {
  const isAnnounced = majorOf(sender) > majorOf(contract);
  let waiting = 0;
  const problems = messages.map(({ content, routingKey }) => {
    const body = parseBody(content);
    if (body === undefined) return [`${routingKey} is not JSON in UTF-8`];
    const versions = sentEvents(contract).filter(({ eventName }) => eventName === at(body, "eventName"));
    const event = versions.find(({ version }) => version === at(body, "version")) ?? versions.at(-1);
    if (event && event.version < Number(at(body, "version"))) {
      waiting++;
      return [];
    }
    const bound = receivers(contract, routingKey);
    if (event === undefined) {
      if (bound.length === 0) return [];
      if (isAnnounced) {
        waiting++;
        return [];
      }
      return [`${routingKey} is unknown there, but reaches ${bound.join(", ")}`];
    }
    return violations(event.payload, body).map(({ path, reason }) => `${routingKey} /${path.join("/")} ${reason}`);
  });
  const understood = problems.filter((found) => found.length === 0).length - waiting;
  return {
    understood,
    of: messages.length,
    ...(waiting > 0 ? { waiting } : {}),
    problems: [...new Set(problems.flat())],
  };
}

function majorOf({ producer }: Contract): number {
  return Number(textAt(producer, "info", "version").split(".")[0]);
}

/** The jobs whose queue a topic exchange routes the key to. */
function receivers(contract: Contract, routingKey: string): string[] {
  return jobs(contract)
    .filter(({ topology }) =>
      arrayAt(topology, "bindings").some((binding) => topicMatches(textAt(binding, "routingKey"), routingKey))
    )
    .map(({ name }) => name);
}

function eventKeyOf({ body, properties }: GoldenMessage): string {
  return JSON.parse(body).eventId ?? properties.messageId;
}
