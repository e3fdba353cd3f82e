import type { Sql } from "postgres";
import type { FailureGroup } from "./failure-groups.ts";

export type GroupChoice = Pick<FailureGroup, "kind" | "job" | "reason"> & { cause?: string | undefined };

export interface GroupMembers {
  count: number;
  /** The oldest. */
  examples: { id: string; aggregateId: string | null; at: Date }[];
}

const maxExamples = 25;

/** How many a group has, and some of them. */
export async function readGroup(sql: Sql, { kind, job, reason, cause }: GroupChoice): Promise<GroupMembers> {
  const ofCause = cause === undefined ? sql`` : sql`and cause = ${cause}`;
  const group = kind === "dead-letters"
    ? sql`dead_letters where state = 'stored' and job = ${job} and reason = ${reason} ${ofCause}`
    : sql`sends where settled_as is null and channel = ${job} and state = ${reason} and state in ('failed', 'unknown') ${ofCause}`;
  const at = kind === "dead-letters" ? sql`stored_at` : sql`updated_at`;
  const about = kind === "dead-letters" ? sql`aggregate_id` : sql`appointment_id`;
  const [[{ count }], examples] = await Promise.all([
    sql<[{ count: number }]>`select count(*)::integer as count from ${group}`,
    sql<GroupMembers["examples"]>`
      select id, ${about} as "aggregateId", ${at} as at from ${group} order by id limit ${maxExamples}`,
  ]);
  return { count, examples };
}
