import type { Sql } from "postgres";
import { type CauseCount, countCauses } from "../delivery/dead-letters/dead-letter-counts.ts";

export interface FailureGroup {
  kind: "dead-letters" | "sends";
  job: string;
  /** Why the job gave them up; of sends `failed` or `unknown`. */
  reason: string;
  count: number;
  oldestAt: string;
  newestAt: string;
  /** The most frequent first; where there are many, not all. */
  causes: FailureCause[];
}

export interface FailureCause {
  cause: string;
  count: number;
  oldestAt: string;
  newestAt: string;
}

interface Row extends Omit<FailureCause, "oldestAt" | "newestAt"> {
  job: string;
  reason: string;
  oldestAt: Date;
  newestAt: Date;
  groupCount: number;
}

const maxCauses = 20;

/** Of each job and reason the most frequent causes, with the count of the whole group beside. */
async function readDeadLetterRows(sql: Sql): Promise<Row[]> {
  const counts = (await countCauses(sql)).toSorted((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
  const totals = new Map<string, { total: number; causes: CauseCount[] }>();
  for (const one of counts) {
    const group = totals.get(`${one.job} ${one.reason}`) ?? { total: 0, causes: [] };
    totals.set(`${one.job} ${one.reason}`, group);
    group.total += one.count;
    if (group.causes.length < maxCauses) group.causes.push(one);
  }
  const shown = [...totals.values()].toSorted((a, b) => b.total - a.total)
    .flatMap(({ total, causes }) => causes.map((one) => ({ ...one, groupCount: total })));
  // The first and the last of each by the index, without a look at those between.
  const times = await sql<{ oldestAt: Date | null; newestAt: Date | null }[]>`
    select
      (select stored_at from dead_letters as letter where state = 'stored' and letter.job = one.job
        and letter.reason = one.reason and letter.cause = one.cause order by stored_at limit 1) as "oldestAt",
      (select stored_at from dead_letters as letter where state = 'stored' and letter.job = one.job
        and letter.reason = one.reason and letter.cause = one.cause order by stored_at desc limit 1) as "newestAt"
    from unnest(
      ${shown.map(({ job }) => job)}::text[], ${shown.map(({ reason }) => reason)}::text[],
      ${shown.map(({ cause }) => cause)}::text[]
    ) with ordinality as one (job, reason, cause, place) order by place`;
  return shown.flatMap((one, index) => {
    const { oldestAt, newestAt } = times[index]!;
    // What was settled between the two questions has none.
    return oldestAt && newestAt ? [{ ...one, oldestAt, newestAt }] : [];
  });
}

async function readSendRows(sql: Sql): Promise<Row[]> {
  return await sql<Row[]>`
    select * from (
      select channel as job, state as reason, cause, count(*)::integer as count, min(updated_at) as "oldestAt",
        max(updated_at) as "newestAt", sum(count(*)) over of_group::integer as "groupCount",
        row_number() over (partition by channel, state order by count(*) desc, cause) as place
      from sends where state in ('failed', 'unknown') and settled_as is null
      group by channel, state, cause
      window of_group as (partition by channel, state)
    ) as causes where place <= ${maxCauses}
    order by "groupCount" desc, job, reason, place`;
}

function groupsOf(kind: FailureGroup["kind"], rows: readonly Row[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const { job, reason, cause, count, oldestAt, newestAt, groupCount } of rows) {
    const times = { oldestAt: oldestAt.toISOString(), newestAt: newestAt.toISOString() };
    const key = `${job} ${reason}`;
    const group = groups.get(key) ?? { kind, job, reason, count: groupCount, ...times, causes: [] };
    groups.set(key, group);
    if (times.oldestAt < group.oldestAt) group.oldestAt = times.oldestAt;
    if (times.newestAt > group.newestAt) group.newestAt = times.newestAt;
    group.causes.push({ cause, count, ...times });
  }
  return [...groups.values()];
}

/** Everything that a person has to decide about: by job and reason, and within by cause. */
export async function readFailureGroups(sql: Sql): Promise<FailureGroup[]> {
  const [letters, sends] = await Promise.all([readDeadLetterRows(sql), readSendRows(sql)]);
  return [...groupsOf("dead-letters", letters), ...groupsOf("sends", sends)];
}
