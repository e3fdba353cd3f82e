import type { Sql } from "postgres";

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
  return await sql<Row[]>`
    select * from (
      select job, reason, cause, count(*)::integer as count, min(stored_at) as "oldestAt", max(stored_at) as "newestAt",
        sum(count(*)) over of_group::integer as "groupCount",
        row_number() over (partition by job, reason order by count(*) desc, cause) as place
      from dead_letters where state = 'stored'
      group by job, reason, cause
      window of_group as (partition by job, reason)
    ) as causes where place <= ${maxCauses}
    order by "groupCount" desc, job, reason, place`;
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
