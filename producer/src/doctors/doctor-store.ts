import type { Doctor } from "../domain/doctor.ts";
import type { Store } from "../postgres/command-path.ts";
import type { SqlOrTx, Tx } from "../postgres/database.ts";

type Row = {
  id: string;
  version: number;
  name: string;
  email: string;
  phone: string | null;
  time_zone: string;
  working_hours: Doctor["workingHours"];
  exceptions: Doctor["exceptions"];
  retired_at: Date | null;
  created_at: Date;
  updated_at: Date;
};

/** jsonb keeps no order of keys, so each interval is written out as it is described. */
function toDoctor(row: Row): Doctor {
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    email: row.email,
    phone: row.phone ?? undefined,
    timeZone: row.time_zone,
    workingHours: row.working_hours.map(({ weekday, start, end }) => ({ weekday, start, end })),
    exceptions: row.exceptions.map(({ date, intervals }) => ({
      date,
      intervals: intervals.map(({ start, end }) => ({ start, end })),
    })),
    retiredAt: row.retired_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

async function findDoctor(sql: SqlOrTx, id: string): Promise<Doctor | undefined> {
  const [row] = await sql<Row[]>`SELECT * FROM doctors WHERE id = ${id}`;
  return row && toDoctor(row);
}

/** One booking per doctor at a time: their concurrent overlap checks would otherwise deadlock. */
export async function lockDoctor(tx: Tx, id: string): Promise<Doctor | undefined> {
  const [row] = await tx<Row[]>`SELECT * FROM doctors WHERE id = ${id} FOR NO KEY UPDATE`;
  return row && toDoctor(row);
}

export const doctorStore: Store<Doctor> = {
  type: "doctor",
  find: findDoctor,
  async save(tx, doctor) {
    const row = {
      id: doctor.id,
      version: doctor.version,
      name: doctor.name,
      email: doctor.email,
      phone: doctor.phone ?? null,
      time_zone: doctor.timeZone,
      working_hours: tx.json(doctor.workingHours),
      exceptions: tx.json(doctor.exceptions),
      retired_at: doctor.retiredAt ?? null,
      created_at: doctor.createdAt,
      updated_at: doctor.updatedAt,
    };
    const { count } = doctor.version === 1
      ? await tx`INSERT INTO doctors ${tx(row)} ON CONFLICT (id) DO NOTHING`
      : await tx`UPDATE doctors SET ${tx(row)} WHERE id = ${row.id} AND version = ${row.version - 1}`;
    return count === 1;
  },
};

export async function listDoctors(
  sql: SqlOrTx,
  query: { after: string | undefined; limit: number },
): Promise<Doctor[]> {
  const { after = "", limit } = query;
  const rows = await sql<Row[]>`SELECT * FROM doctors WHERE id > ${after} ORDER BY id LIMIT ${limit}`;
  return rows.map(toDoctor);
}
