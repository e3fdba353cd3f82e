import type { Session } from "../session.ts";
import { waitFor } from "../stack/wait-for.ts";
import { type Clinic, createClinic } from "../tests/support/clinic.ts";
import { slot } from "../tests/support/slot.ts";
import { measureBareEffect } from "./bare-effect.ts";
import { book, type Booking } from "./book.ts";
import { rounded, type Table } from "./compare.ts";
import { evenly } from "./evenly.ts";
import { createDoctors, doctorId, doctors } from "./many-doctors.ts";
import { percentile } from "./percentile.ts";

export interface WholeLoad {
  /** Bookings a second, one after the other. */
  rates: readonly number[];
  seconds: number;
}

/** Milliseconds from a booking's commit to that of an effect, and whether it came over a second after the last booking. */
type Effects = Record<string, { ms: number[]; late: number }>;

/**
 * The whole way, from bookings at an even pace to their five effects, with both services and the stand-ins of mail, text
 * messages and calendar on this machine; beside it an event that is published after its row and ends as another row.
 */
export async function measureWhole(
  { rates, seconds }: WholeLoad,
  { report, releases, signal }: Session,
): Promise<Table> {
  const clinic = await createClinic();
  releases.add("the clinic", clinic.remove);
  await clinic.startProducer({ env: { RATE_LIMIT_PER_SECOND: "1000000", LOG_LEVEL: "info" } });
  await clinic.startConsumer({ env: { LOG_LEVEL: "info" } });
  report(`making ${doctors} doctors known`);
  await createDoctors(clinic);
  const known = async () => (await clinic.consumerSql`SELECT FROM notification_doctors`).length === doctors;
  await waitFor("the consumer to know the doctors", known, { timeoutMs: 60_000 });

  const table: Table = {};
  let first = 0;
  for (const rate of rates) {
    signal.throwIfAborted();
    report(`${rate} bare events a second for ${seconds} s`);
    const bare = await measureBareEffect(clinic, { rate, seconds });
    report(`${rate} bookings a second for ${seconds} s`);
    const effects = await measureBookings(clinic, { rate, seconds, first });
    first += rate * seconds;
    const [bareP50, bareP99] = [percentile(bare, 0.5), percentile(bare, 0.99)];
    for (const [effect, { ms, late }] of Object.entries(effects)) {
      const [p50, p99] = [percentile(ms, 0.5), percentile(ms, 0.99)];
      table[`${rate} a second: ${effect}`] = {
        count: ms.length,
        "p50, ms": rounded(p50),
        "p99, ms": rounded(p99),
        "bare p50, ms": rounded(bareP50, 1),
        "bare p99, ms": rounded(bareP99, 1),
        ratio: rounded(p99 / bareP99, 1),
        "over 1 s after the last booking": late,
      };
    }
  }
  return table;
}

function bookingOf(n: number): Booking {
  return {
    patientEmail: `patient-${n}@example.org`,
    patientPhone: "+491700000000",
    doctorId: doctorId(n % doctors),
    appointmentDate: slot(Math.floor(n / doctors)),
  };
}

async function measureBookings(
  clinic: Clinic,
  { rate, seconds, first }: { rate: number; seconds: number; first: number },
): Promise<Effects> {
  const ids = await evenly(rate, rate * seconds, (n) => book(clinic, bookingOf(first + n)));
  const open = () =>
    clinic.consumerSql`
      SELECT FROM sends WHERE state IN ('pending', 'sending') AND template NOT LIKE '%reminder%'
      UNION ALL SELECT FROM calendar_intents WHERE state = 'pending'`;
  const done = async () => {
    const [{ jobs }] = await clinic.consumerSql<[{ jobs: number }]>`
      SELECT count(*)::int AS jobs FROM inbox WHERE aggregate_id = ANY(${ids})`;
    return jobs === 5 * ids.length && (await open()).length === 0;
  };
  await waitFor("every effect of the bookings", done, { timeoutMs: 600_000 });
  return await commits(clinic, ids);
}

/** By the commit times of both databases' rows, which one server keeps (`track_commit_timestamp`). */
async function commits({ producerSql, consumerSql }: Clinic, ids: string[]): Promise<Effects> {
  const booked = await producerSql<{ id: string; at: number }[]>`
    SELECT id::text, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 * 1000 AS at
    FROM appointments WHERE id::text = ANY(${ids})`;
  const since = new Map(booked.map(({ id, at }) => [id, at]));
  const last = Math.max(...since.values());
  const rows = await consumerSql<{ effect: string; id: string; at: number }[]>`
    SELECT effect, id, extract(epoch FROM pg_xact_commit_timestamp(transaction))::float8 * 1000 AS at FROM (
      SELECT job AS effect, aggregate_id AS id, xmin AS transaction FROM inbox
      WHERE job IN ('analytics', 'audit', 'availability')
      UNION ALL SELECT CASE channel WHEN 'email' THEN 'mails' ELSE 'text messages' END, appointment_id::text, xmin
      FROM sends WHERE state = 'sent'
      UNION ALL SELECT 'calendar', appointment_id::text, xmin FROM calendar_intents WHERE state = 'done'
    ) AS effects WHERE id = ANY(${ids}) ORDER BY effect`;
  const effects: Effects = {};
  for (const { effect, id, at } of rows) {
    const found = effects[effect] ??= { ms: [], late: 0 };
    found.ms.push(at - since.get(id)!);
    if (at > last + 1_000) found.late++;
  }
  return effects;
}
