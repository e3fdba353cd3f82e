import { topologyWith } from "../broker/topology.ts";
import { type ArchivedEvent, type ArchiveFilter, readArchive } from "./archive-client.ts";
import type { OpsOptions } from "./read-pages.ts";
import { replayArchive } from "./replay-archive.ts";
import { type JobName, jobs } from "../generated/jobs.ts";
import type { Broker } from "../cli/broker.ts";
import type { CommandContext } from "../cli/command.ts";
import { createProgress } from "../cli/progress.ts";

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
  { config }: CommandContext,
  count: (event: ArchivedEvent) => void,
): Promise<void> {
  const progress = createProgress();
  const queue = topologyWith(config.amqp.maxLength)[job];
  const end = (filter.to ?? new Date()).getTime();
  let start = filter.from?.getTime();
  let total = 0;
  const published = (event: ArchivedEvent) => {
    count(event);
    const at = event.publishedAt.getTime();
    start ??= at;
    progress.show(
      (at - start) / Math.max(1, end - start),
      `${++total} events, up to ${event.publishedAt.toISOString()}`,
    );
  };
  try {
    await replayArchive({ model: await model(), publisher, queue, published }, events);
  } finally {
    progress.end();
  }
}
