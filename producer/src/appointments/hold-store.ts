import type { Hold } from "../domain/hold-time.ts";
import type { SqlOrTx, Tx } from "../postgres/database.ts";
import { refusingOverlap } from "./refusing-overlap.ts";

/**
 * Takes the time until it expires, by the database's clock, which is the same for all instances. The caller has locked
 * the doctor. What expired goes first; visits that are not guarded here yet, being older than this table, come in.
 */
export async function takeHold(tx: Tx, hold: Hold, minutes: number): Promise<Date> {
  const { id, doctorId, startsAt, endsAt } = hold;
  const meets = tx`doctor_id = ${doctorId}
    AND tstzrange(starts_at, ends_at, '[)') && tstzrange(${startsAt}, ${endsAt}, '[)')`;
  await tx`DELETE FROM taken_times WHERE ${meets} AND held_until <= clock_timestamp()`;
  await tx`
    INSERT INTO taken_times (id, doctor_id, starts_at, ends_at)
    SELECT id, doctor_id, starts_at, ends_at FROM appointments
    WHERE ${meets} AND status IN ('booked', 'arrived') AND NOT overbooked
    FOR SHARE
    ON CONFLICT (id) DO NOTHING`;
  const [row] = await refusingOverlap(() =>
    tx<{ held_until: Date }[]>`
      INSERT INTO taken_times (id, doctor_id, starts_at, ends_at, held_until)
      VALUES (${id}, ${doctorId}, ${startsAt}, ${endsAt}, clock_timestamp() + make_interval(mins => ${minutes}))
      RETURNING held_until`
  );
  return (row as { held_until: Date }).held_until;
}

/** Ends the hold, and says what it held if it had not expired. */
export async function redeemHold(tx: Tx, id: string): Promise<Hold | undefined> {
  const [row] = await tx<{ doctor_id: string; starts_at: Date; ends_at: Date; lives: boolean }[]>`
    DELETE FROM taken_times WHERE id = ${id} AND held_until IS NOT NULL
    RETURNING doctor_id, starts_at, ends_at, held_until > clock_timestamp() AS lives`;
  return row?.lives ? { id, doctorId: row.doctor_id, startsAt: row.starts_at, endsAt: row.ends_at } : undefined;
}

/** Deletes a batch of what takes no time any more: expired holds, and visits that are over. Returns how many. */
export async function deleteLeftTimes(sql: SqlOrTx, batch: number): Promise<number> {
  const isLeft = sql`(held_until <= now() OR (held_until IS NULL AND ends_at <= now() - interval '1 day'))`;
  const { count } = await sql`
    DELETE FROM taken_times WHERE ${isLeft} AND id IN (SELECT id FROM taken_times WHERE ${isLeft} LIMIT ${batch})`;
  return count;
}
