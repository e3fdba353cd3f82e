import { topologyWith } from "../broker/topology.ts";
import { type ArchivedEvent, type ArchiveFilter, readArchive } from "./archive-client.ts";
import type { OpsOptions } from "./request-producer.ts";
import { replayArchive } from "./replay-archive.ts";
import { type JobName, jobs } from "../generated/jobs.ts";
import type { Broker } from "../cli/broker.ts";
import type { CommandContext } from "../cli/command.ts";
import type { Progress } from "../cli/progress.ts";

/** What the archive holds for the job: an event that the job doesn't know would be a dead letter. */
export async function* eventsFor(job: JobName, archive: OpsOptions, filter: ArchiveFilter) {
  for await (const event of readArchive(archive, filter)) {
    if (Object.hasOwn(jobs[job].events, event.eventName)) yield event;
  }
}

/** Publishes what the archive holds to the job's queue, with a progress bar. */
export async function publishArchive(
  job: JobName,
  archive: OpsOptions,
  filter: ArchiveFilter,
  broker: Broker,
  context: CommandContext,
  count: (event: ArchivedEvent) => void,
): Promise<void> {
  await publishEvents(job, eventsFor(job, archive, filter), filter, broker, context, count);
}

/** Publishes the events to the job's queue; the filter tells of which time they are. */
export async function publishEvents(
  job: JobName,
  events: AsyncIterable<ArchivedEvent>,
  filter: ArchiveFilter,
  { model, publisher }: Broker,
  { config, progress }: CommandContext,
  count: (event: ArchivedEvent) => void,
): Promise<void> {
  const queue = topologyWith(config.amqp.maxLength)[job];
  const show = showing(progress, filter);
  const published = (event: ArchivedEvent) => {
    count(event);
    show(event);
  };
  progress.show("reading the archive");
  await replayArchive({ model: await model(), publisher, queue, published }, events);
}

/** Shows how far in time the events have come that it is called with. */
export function showing(progress: Progress, filter: ArchiveFilter): (event: ArchivedEvent) => void {
  const end = (filter.to ?? new Date()).getTime();
  let start = filter.from?.getTime();
  let total = 0;
  return ({ publishedAt }) => {
    const at = publishedAt.getTime();
    start ??= at;
    total += 1;
    progress.show(`${total} events, up to ${publishedAt.toISOString()}`, (at - start) / Math.max(1, end - start));
  };
}
