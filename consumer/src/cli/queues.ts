import { parseArgs } from "node:util";
import { queuesOf } from "../broker/job-queues.ts";
import { emptyShelter, replaceQueue } from "../broker/recreate-queue.ts";
import { topologyWith } from "../broker/topology.ts";
import { holdJob } from "../postgres/job-pauses.ts";
import { withBroker } from "./broker.ts";
import { type Command, UsageError } from "./command.ts";

const usage = `Usage: consumer queues recreate QUEUE [--json]

Gives a queue that exists with other arguments those of the contract (and of QUEUE_MAX_LENGTH). Its messages wait in
QUEUE.moving meanwhile and come back, each with a confirm; its job pauses in every process, unless it is a retry queue:
that takes six minutes and more, until the broker has handed over what it holds back. Interrupted, it is finished by
running it again.

  --json  one JSON object: queue, recreated (whether it had to be), moves (of messages, there and back)`;

/** `consumer queues`: bring a queue in line with the contract. */
export const queuesCommand: Command = {
  name: "queues",
  summary: "recreate a queue whose arguments differ, keeping its messages",
  usage,
  async run(args, context) {
    const { config, openDatabase, print, note, progress } = context;
    const { values, positionals: [subcommand, name, ...rest] } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    if (subcommand !== "recreate" || name === undefined || rest.length > 0) {
      throw new UsageError("consumer queues needs: recreate QUEUE");
    }
    const all = Object.entries(topologyWith(config.amqp.maxLength)).flatMap(([job, jobQueue]) => {
      const declared = queuesOf(jobQueue);
      const source = declared.find(({ kind }) => kind === "source")!;
      return declared.map((queue) => ({ job, queue, source }));
    });
    const found = all.find(({ queue }) => queue.name === name);
    if (!found) {
      throw new UsageError(
        `${name} is not a queue of the consumer; its queues are ${all.map((one) => one.queue.name).join(" ")}`,
      );
    }
    const { job, queue, source } = found;

    let moves = 0;
    const moved = () => {
      moves += 1;
      progress.show(`${moves} moves of messages`);
    };
    const recreated = await withBroker(context, async ({ model, publisher }) => {
      progress.show(`waiting for the consumers of ${name}`);
      const dependencies = { model: await model(), publisher, moved, note };
      return await holdJob(openDatabase(), job, async ({ whilePaused }) => {
        const replace = () => replaceQueue(dependencies, queue, source);
        // A job consumes from none of its retry queues, and has to make room for what they hold.
        const replaced = await (queue.kind === "retry" ? replace() : whilePaused(replace));
        if (replaced) await emptyShelter(dependencies, queue);
        return replaced;
      });
    });
    if (values.json) print(JSON.stringify({ queue: name, recreated, moves }));
    else print(recreated ? `${name} recreated, ${moves} moves of messages` : `${name} is as it should be`);
    return 0;
  },
};
