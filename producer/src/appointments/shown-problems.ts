import type { ContactProblem } from "../domain/contact-problem.ts";
import type { SqlOrTx } from "../postgres/database.ts";

/** As PostgreSQL writes it into JSON. */
export type ContactProblemRow = Omit<ContactProblem, "notification" | "since"> & {
  readonly notification: Required<ContactProblem>["notification"] | null;
  readonly since: string;
};

/** For the columns of `appointments`: those that were not cleared, the oldest first; null where there is none. */
export function contactProblemsOf(sql: SqlOrTx) {
  return sql`(
    SELECT json_agg(json_build_object('channel', channel, 'recipient', recipient, 'notification', notification,
      'reason', reason, 'since', since) ORDER BY since, report_id)
    FROM contact_problems WHERE appointment_id = appointments.id AND cleared_at IS NULL)`;
}

export function toContactProblem({ notification, since, ...row }: ContactProblemRow): ContactProblem {
  return { ...row, ...(notification === null ? {} : { notification }), since: new Date(since) };
}
