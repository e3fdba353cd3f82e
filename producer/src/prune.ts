import type { Sql } from "./postgres/database.ts";
import { deleteAppointmentsBefore } from "./appointments/appointment-retention.ts";
import { deleteDoctorsRetiredBefore } from "./doctors/doctor-retention.ts";
import { deleteLeftTimes } from "./appointments/hold-store.ts";
import { deleteOptOutReportsBefore } from "./contact-problems/report-store.ts";
import { deleteArchivedBefore } from "./outbox/event-log.ts";
import { forgetDeletedEvents } from "./patient-keys/needed-keys.ts";
import { deleteExpiredKeys } from "./postgres/idempotency-store.ts";

const batch = 1_000;

/** Deletes what is kept no longer, in small transactions. Several processes may do it at once. */
export async function prune(
  sql: Sql,
  options: { now: Date; archiveDays: number; appointmentDays?: number | undefined; doctorDays?: number | undefined },
): Promise<{ events: number; keys: number; times: number; appointments: number; doctors: number }> {
  const { archiveDays, appointmentDays, doctorDays } = options;
  const before = (days: number) => new Date(options.now.getTime() - days * 86_400_000);
  const events = await deleteAll(() => deleteArchivedBefore(sql, before(archiveDays), batch));
  await deleteAll(() => forgetDeletedEvents(sql, before(archiveDays), batch));
  await deleteAll(() => deleteOptOutReportsBefore(sql, before(archiveDays), batch));
  return {
    events,
    // Before the doctors, who stay as long as one of these is theirs.
    appointments: appointmentDays === undefined
      ? 0
      : await deleteAll(() => deleteAppointmentsBefore(sql, before(appointmentDays), batch)),
    doctors: doctorDays === undefined
      ? 0
      : await deleteAll(() => deleteDoctorsRetiredBefore(sql, before(doctorDays), batch)),
    keys: await deleteAll(() => deleteExpiredKeys(sql, batch)),
    times: await deleteAll(() => deleteLeftTimes(sql, batch)),
  };
}

/** Batch after batch, until one is not full. */
async function deleteAll(deleteBatch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const deleted = await deleteBatch();
    total += deleted;
    if (deleted < batch) return total;
  }
}
