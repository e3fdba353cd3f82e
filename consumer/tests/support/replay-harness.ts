import { noProgress } from "../../src/cli/progress.ts";
import type { Command } from "../../src/cli/command.ts";
import { onChannel, type Topology } from "../../src/broker/topology.ts";
import { createReplayCommand } from "../../src/replay/command.ts";
import { modules } from "../../src/jobs/modules.ts";
import { readConfig } from "../../src/config.ts";
import { queues } from "../../src/generated/topology.ts";
import { type ArchiveStandIn, startArchiveStandIn } from "./archive-stand-in.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "./delivery-harness.ts";

export interface ReplayHarness extends DeliveryHarness {
  archive: ArchiveStandIn;
  /** Runs a command of the command line in this process. */
  run(
    command: Command,
    args: string[],
    variables?: Record<string, string>,
  ): Promise<{ code: number; printed: string[] }>;
  /** `consumer replay`. */
  replay(...args: string[]): Promise<{ code: number; printed: string[] }>;
  /** An event as the producer published it, `minute` minutes after eight. */
  archived(minute: number, more?: Record<string, unknown>): ReturnType<typeof createdEvent>;
  depthOf(queue: string): Promise<number>;
  purge(queue: string): Promise<void>;
}

export const replayCommand: Command = createReplayCommand(modules);

/** The options that choose everything which `archived` makes. */
export const hour = ["--from", "2026-03-01T08:00:00Z", "--to", "2026-03-01T09:00:00Z"];

/** A delivery harness with a producer's archive, and the commands that read it. */
export async function createReplayHarness(topology: Topology = queues): Promise<ReplayHarness> {
  const [harness, archive] = await Promise.all([createDeliveryHarness(topology), startArchiveStandIn()]);
  const model = () => harness.connection.current(AbortSignal.timeout(5_000));

  async function run(command: Command, args: string[], variables: Record<string, string> = {}) {
    const printed: string[] = [];
    const code = await command.run(args, {
      config: readConfig({
        DATABASE_URL: harness.database.url,
        AMQP_URL: harness.vhost.amqpUrl,
        QUEUE_MAX_LENGTH: String(topology.analytics.arguments["x-max-length"]),
        JOBS: "none",
        PRODUCER_OPS_URL: archive.url,
        PRODUCER_OPS_KEY: archive.key,
        ...variables,
      }),
      openDatabase: () => harness.database.sql,
      print: (line) => printed.push(line),
      note: () => {},
      progress: noProgress,
    });
    return { code, printed };
  }

  return {
    ...harness,
    archive,
    run,
    replay: (...args) => run(replayCommand, args),
    archived(minute, more = {}) {
      const event = createdEvent({ aggregateVersion: 1, ...more });
      const publishedAt = `2026-03-01T08:${String(minute).padStart(2, "0")}:00.000Z`;
      archive.events.push({ ...event, publishedAt, body: JSON.stringify(event) });
      return event;
    },
    async depthOf(queue) {
      return (await onChannel(await model(), (channel) => channel.checkQueue(queue))).messageCount;
    },
    async purge(queue) {
      await onChannel(await model(), (channel) => channel.purgeQueue(queue));
    },
    async close() {
      await archive.close();
      await harness.close();
    },
  };
}
