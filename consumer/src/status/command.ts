import { parseArgs } from "node:util";
import { createQueueDepths } from "../broker/queue-depths.ts";
import { topologyWith } from "../broker/topology.ts";
import { keepConnected } from "../broker/connection.ts";
import { requireBroker } from "../broker/broker-version.ts";
import type { Command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { createLogger } from "../telemetry/logger.ts";
import { duration } from "../timeline/render-text.ts";
import { readStatus } from "./read-status.ts";
import type { Status } from "./status.ts";

const usage = `Usage: consumer status [--json]

Whether anything is wrong: one sentence, then queues, outbox, senders, dead letters, reminders and seals. What is away is
part of the answer.

  --json  one JSON object: colour (green, amber, red), sentence, needsPerson, problems (what, todo) and all of the above

Exit code 1: a person has to do something.`;

const age = (seconds: number | null) => seconds === null ? "-" : duration(seconds * 1_000);

function renderStatus(
  { colour, sentence, problems, queues, outbox, intents, deadLetters, reminders, seals, processes }: Status,
): string[] {
  const rows = queues.map((queue) => [
    queue.job,
    `${queue.ready}/${queue.limit}`,
    String(queue.delayed),
    age(queue.oldestAgeSeconds),
    String(queue.perMinute),
  ]);
  const open = processes.flatMap(({ state }) => Object.keys(state.breakers).filter((name) => state.breakers[name]));
  return [
    `${colour.toUpperCase()}: ${sentence}`,
    ...problems.map(({ what, todo }) => `  ${what}${todo === null ? "" : ` (${todo})`}`),
    "",
    ...table(["JOB", "QUEUE", "DELAYED", "OLDEST", "A MINUTE"], rows),
    "",
    outbox.kind === "unknown"
      ? `outbox     producer unknown: ${outbox.reason}`
      : `outbox     ${outbox.pending}${outbox.isMore ? " and more" : ""}, oldest ${age(outbox.oldestAgeSeconds)}`,
    ...intents.map(({ sender, state, count, ageSeconds }) =>
      `sender     ${sender}: ${count} ${state}, oldest ${age(ageSeconds)}`
    ),
    ...[...new Set(open)].map((sender) => `breaker    ${sender}: open`),
    ...deadLetters.map(({ job, reason, count }) => `dead       ${job}: ${count} ${reason}`),
    `reminders  ${reminders.waiting}, next ${reminders.nextAt ?? "-"}`,
    `seals      ${seals.position} rows sealed, ${seals.waiting} waiting`,
    `processes  ${processes.length}`,
  ];
}

export const statusCommand: Command = {
  name: "status",
  summary: "say whether anything is wrong, and what",
  usage,
  async run(args, { config, openDatabase, print }) {
    const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
    const topology = topologyWith(config.amqp.maxLength);
    const connection = keepConnected({
      ...config.amqp,
      name: "consumer: command line",
      log: createLogger("silent"),
      onOpen: (model) => Promise.resolve(requireBroker(model)),
    });
    try {
      const status = await readStatus({
        sql: openDatabase(),
        topology,
        queueDepths: createQueueDepths(connection, topology),
        producer: config.producer,
        now: () => new Date(),
      });
      if (values.json) print(JSON.stringify(status));
      else for (const line of renderStatus(status)) print(line);
      return status.needsPerson ? 1 : 0;
    } finally {
      await connection.close();
    }
  },
};
