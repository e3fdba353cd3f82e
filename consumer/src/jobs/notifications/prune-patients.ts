import type { PruneBatch } from "../../postgres/retention.ts";

/** Both hold patients' addresses. What a person has to look at stays, and whoever is still to be reminded. */
export const prunePatients: readonly PruneBatch[] = [
  (sql, before, limit) =>
    sql`delete from sends where id in (
      select id from sends
      where updated_at < ${before} and state in ('sent', 'failed', 'dropped') limit ${limit})`,
  (sql, before, limit) =>
    sql`delete from notification_visits where appointment_id in (
      select appointment_id from notification_visits as visits
      where starts_at < ${before} and at < ${before} and not exists (
        select from notification_reminders as reminders where reminders.appointment_id = visits.appointment_id
      ) limit ${limit})`,
];
