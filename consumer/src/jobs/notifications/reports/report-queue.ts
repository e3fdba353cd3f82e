import { randomUUID } from "node:crypto";
import type { Sql } from "postgres";
import type { IntentCount } from "../../../ops/collect-gauges.ts";
import type { Worker } from "../../../outgoing/worker.ts";
import type { PruneBatch } from "../../../postgres/retention.ts";
import type { ReportedSend } from "./failed-notification.ts";

/** A report that this process holds under a lease. */
export interface ClaimedReport {
  id: string;
  claim: string;
  attempts: number;
}

/** What is to be reported; undefined where it is not so any more. */
export type Report =
  | { kind: "send"; id: string; happenedAt: Date; send: ReportedSend }
  | { kind: "opt-out"; id: string; happenedAt: Date; numberHash: string; optedOut: boolean };

export type ReportResult =
  | { state: "told" }
  | { state: "not_needed"; reason: string }
  | { state: "pending"; reason: string; delayMs: number; attempts: number };

export interface ReportQueue {
  dueIn: Worker["dueIn"];
  /** Takes due reports; never two of one number, whose order counts. */
  claim(limit: number): Promise<ClaimedReport[]>;
  release(reports: ClaimedReport[]): Promise<void>;
  find(report: ClaimedReport): Promise<Report | undefined>;
  record(report: ClaimedReport, result: ReportResult): Promise<void>;
}

/** The producer takes a report once, however often it comes: a lease that ran out is claimed again. */
export function createReportQueue(
  { sql, leaseMs, now }: { sql: Sql; leaseMs: number; now: () => Date },
): ReportQueue {
  const later = (ms: number) => new Date(now().getTime() + ms);

  return {
    dueIn: (sql) =>
      sql`
      select extract(epoch from least(
        (select min(due_at) from contact_reports where state = 'pending'),
        (select min(lease_until) from contact_reports where state = 'sending')
      ) - ${now()}::timestamptz)`,

    async claim(limit) {
      const claim = randomUUID();
      const claimed = await sql<Omit<ClaimedReport, "claim">[]>`
        update contact_reports set state = 'sending', claim = ${claim}, lease_until = ${later(leaseMs)}
        where id in (
          select id from contact_reports as report
          where ((state = 'pending' and due_at <= ${now()}) or (state = 'sending' and lease_until <= ${now()}))
            and not exists (
              select from contact_reports as earlier
              where earlier.number_hash = report.number_hash and earlier.place < report.place
                and earlier.state in ('pending', 'sending'))
          order by place limit ${limit} for update skip locked
        )
        returning id, attempts`;
      return claimed.map((one) => ({ ...one, claim }));
    },

    async release(reports) {
      await sql`
        update contact_reports set state = 'pending', claim = null, lease_until = null
        from unnest(${reports.map(({ id }) => id)}::uuid[], ${
        reports.map(({ claim }) => claim)
      }::uuid[]) as one (id, claim)
        where contact_reports.id = one.id and contact_reports.claim = one.claim and state = 'sending'`;
    },

    async find({ id }) {
      const [row] = await sql<
        { happenedAt: Date; numberHash: string | null; optedOut: boolean; send: ReportedSend | null }[]
      >`
        select happened_at as "happenedAt", encode(number_hash, 'hex') as "numberHash", opted_out as "optedOut",
          (select jsonb_build_object(
            'appointmentId', appointment_id, 'channel', channel, 'recipient', recipient, 'template', template,
            'state', state, 'reason', reason, 'receipt', receipt,
            'isDoctors', recipient is distinct from (
              select patient_phone from notification_visits as visit where visit.appointment_id = sends.appointment_id)
              and exists (select from notification_doctors where phone = sends.recipient))
            from sends where id = send_id) as send
        from contact_reports where id = ${id}`;
      if (row && row.numberHash !== null) return { kind: "opt-out", id, ...row, numberHash: row.numberHash };
      return row?.send ? { kind: "send", id, happenedAt: row.happenedAt, send: row.send } : undefined;
    },

    async record({ id, claim }, result) {
      await sql`
        update contact_reports set
          state = ${result.state}, claim = null, lease_until = null, updated_at = ${now()},
          reason = ${"reason" in result ? result.reason : null},
          attempts = ${"attempts" in result ? result.attempts : sql`attempts`},
          due_at = ${"delayMs" in result ? later(result.delayMs) : sql`due_at`}
        where id = ${id} and claim = ${claim} and state = 'sending'`;
    },
  };
}

export async function countWaitingReports(sql: Sql): Promise<IntentCount[]> {
  return await sql<IntentCount[]>`
    select 'notifications-reports' as sender, 'pending' as state, count(*)::integer as count,
      greatest(0, extract(epoch from now() - min(happened_at)))::double precision as "ageSeconds"
    from contact_reports where state in ('pending', 'sending') having count(*) > 0`;
}

/** Also those that nobody took: what happened that long ago helps nobody any more. */
export const pruneReports: PruneBatch = (sql, before, limit) =>
  sql`delete from contact_reports where id in (
    select id from contact_reports where happened_at < ${before} order by happened_at limit ${limit})`;
