import { CONSUMER_DOCUMENT, type Job, jobs } from "../contract.ts";
import { describeQueue } from "../definitions.ts";
import { sameJson, textAt } from "../json.ts";
import { type Change, show } from "./change.ts";
import { type Declared, declaredBy } from "./declared.ts";
import type { Side } from "./readers.ts";

/**
 * What else the queues of both sides are declared with differently: retry queues follow from the generator, which may
 * change while both documents stay as they are. `known` is what the documents tell.
 */
export function declaredChanges(before: Side, after: Side, known: Change[]): Change[] {
  const old = before.declared ?? declaredBy(before.contract);
  const now = after.declared ?? declaredBy(after.contract);
  const said = new Set(known.map(({ what }) => what));
  return jobs(after.contract).flatMap((job) =>
    argumentsThatDiffer(describeQueue(job).queues.map(({ name }) => name), old, now)
      .filter(({ what }) => !said.has(what))
      .map(({ what, queues, argument }) => changeOf(job, what, queues, argument))
  );
}

interface ArgumentOfQueues {
  what: string;
  queues: string[];
  argument: string;
}

/** One for each argument that differs, with every queue where it does so alike. A queue that comes or goes is new. */
function argumentsThatDiffer(names: string[], old: Declared, now: Declared): ArgumentOfQueues[] {
  const alike = new Map<string, ArgumentOfQueues>();
  for (const name of names) {
    const [was, is] = [old.get(name), now.get(name)];
    if (was === undefined || is === undefined) continue;
    for (const argument of new Set([...Object.keys(was), ...Object.keys(is)])) {
      if (sameJson(was[argument], is[argument])) continue;
      const values = `${show(was[argument])} → ${show(is[argument])}`;
      const queues = [...alike.get(`${argument} ${values}`)?.queues ?? [], name];
      alike.set(`${argument} ${values}`, { what: `${argument} of ${queues.join(", ")} ${values}`, queues, argument });
    }
  }
  return [...alike.values()];
}

function changeOf(job: Job, what: string, queues: string[], argument: string): Change {
  const channel = ["channels", job.channelId, "x-rabbitmq"];
  const [queue] = queues;
  const place = queue === job.queue.name
    ? ["arguments", argument]
    : queue === textAt(job.topology, "deadLetter", "queue")
    ? ["deadLetter", "arguments", argument]
    : ["retry", "delays"];
  return {
    verdict: "MAJOR",
    document: CONSUMER_DOCUMENT,
    path: [...channel, ...place],
    what,
    breaks: [{ job: job.name, place: textAt(job.queue, "name") }],
    because: `${queues.length === 1 ? `${queue} can't` : "these can't"} be redeclared: ` +
      "consumer queues recreate moves their messages",
  };
}
