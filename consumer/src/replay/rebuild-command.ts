import { untilUnconsumed } from "../broker/until-unconsumed.ts";
import { type ArchivedEvent, readArchive } from "./archive-client.ts";
import type { OpsOptions } from "./request-producer.ts";
import { newestPending, untilArchived } from "./until-archived.ts";
import { jobs } from "../generated/jobs.ts";
import { holdJob } from "../postgres/job-pauses.ts";
import { forgetEffects, type RebuildableJob } from "./forget-effects.ts";
import type { Broker } from "../cli/broker.ts";
import { operator } from "../cli/operator.ts";
import type { CommandContext } from "../cli/command.ts";
import { publishArchive } from "./publish-archive.ts";

/** The longest that a relay may be told to wait for a confirm (60 s), and that its archiving may take (20 s). */
const longestInFlightMs = 90_000;
/** How far this clock and the archive's may be apart. */
const clockSkewMs = 60_000;

/** Empties the job's tables of what the archive tells, and tells it again. */
export async function rebuildJob(
  module: RebuildableJob,
  archive: OpsOptions,
  broker: Broker,
  context: CommandContext,
  count: (event: ArchivedEvent) => void,
): Promise<void> {
  const { name: job } = module;
  // An archive that does not answer, or has nothing to tell, is found out before anything is emptied.
  const first = await readArchive({ ...archive, limit: 1 }, {}).next();
  if (first.done) throw new Error("The archive is empty: there is nothing to rebuild from");
  await newestPending(archive);
  const since = new Date(JSON.parse(first.value.body).timestamp);
  const sql = context.openDatabase();
  await holdJob(sql, job, async ({ whilePaused }) => {
    const emptiedAt = await whilePaused(async () => {
      await untilUnconsumed(await broker.model(), jobs[job].queue);
      await forgetEffects(sql, module, { since, actor: operator(), now: new Date() });
      return Date.now();
    });
    // The job may have had an event of which the archive does not know yet; its effect is gone, too.
    const newest = await newestPending(archive);
    await publishArchive(job, archive, {}, broker, context, count);
    await untilArchived(archive, newest, emptiedAt + longestInFlightMs);
    await publishArchive(job, archive, { from: new Date(emptiedAt - clockSkewMs) }, broker, context, () => {});
  });
}
