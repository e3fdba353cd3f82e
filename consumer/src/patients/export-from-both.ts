import type { Sql } from "postgres";
import type { OpsOptions } from "../replay/request-producer.ts";
import { askProducer } from "./ask-producer.ts";
import { exportPatient } from "./export-patient.ts";
import type { Patient } from "./patient.ts";

/** All that both services keep of a patient; of the producer null, where it is not known where that is. */
export async function exportFromBoth(
  { sql, producer: archive }: { sql: Sql; producer: OpsOptions | undefined },
  patient: Patient,
) {
  // Nothing is asked of the producer for nothing.
  await sql`select`;
  const producer = archive ? await askProducer(archive, patient) : null;
  const known = producer?.appointments.map(({ id }) => id) ?? [];
  return { producer, consumer: await exportPatient(sql, patient, known) };
}
