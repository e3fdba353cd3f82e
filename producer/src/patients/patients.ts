import { presentAppointment } from "../appointments/appointment-view.ts";
import { commandContext, toReply } from "../http/command-context.ts";
import type { Input } from "../http/operation.ts";
import { serve, type Served } from "../http/serve-operation.ts";
import type { PatientKeys } from "../patient-keys/patient-keys.ts";
import type { CommandContext, CommandPath, Executed } from "../postgres/command-path.ts";
import type { Sql } from "../postgres/database.ts";
import { erasePatient, erasureEvents } from "./erase-patient.ts";
import { exportPatient, type PatientExport } from "./export-patient.ts";
import type { Patient } from "./patient.ts";
import * as operations from "./patient-operations.ts";

export type PatientsDeps = {
  sql: Sql;
  commandPath: CommandPath;
  keys?: PatientKeys | undefined;
  now: () => Date;
  newErasureId: () => string;
};

export function servePatients(deps: PatientsDeps): Served[] {
  return [
    serve(operations.erasePatient, async ({ body }, call) => {
      const executed = await erase(deps, toPatient(body), commandContext(call));
      return { ...toReply(executed), resource: (JSON.parse(executed.answer.body) as { id: string }).id };
    }),
    serve(operations.exportPatient, async ({ body }) => ({
      status: 200,
      body: presentExport(await exportPatient(deps.sql, toPatient(body), deps.keys)),
    })),
  ];
}

/** Clears, and tells the others, or does neither. */
export async function erase(
  { commandPath, keys, now, newErasureId }: Omit<PatientsDeps, "sql">,
  patient: Patient,
  context: CommandContext,
): Promise<Executed> {
  const id = newErasureId();
  return await commandPath.executeAnnounced(async (tx) => {
    const { appointmentIds, cleared } = await erasePatient(tx, patient, now(), keys);
    const view = { id, ...cleared, announcedAppointments: appointmentIds.length };
    return {
      aggregate: { type: "patient", id },
      events: erasureEvents(appointmentIds),
      occurredAt: now(),
      answer: { status: 200, headers: {}, body: JSON.stringify(view) },
    };
  }, context);
}

export function presentExport({ appointments, events, storedAnswers }: PatientExport) {
  return {
    appointments: appointments.map(presentAppointment),
    events: events.map(({ recordedAt, isPublished, body }) => ({
      recordedAt: recordedAt.toISOString(),
      published: isPublished,
      event: JSON.parse(body) as Record<string, unknown>,
    })),
    storedAnswers: storedAnswers.map(({ createdAt, body }) => ({
      createdAt: createdAt.toISOString(),
      answer: JSON.parse(body) as Record<string, unknown>,
    })),
  };
}

function toPatient({ patientEmail, patientPhone }: Input<typeof operations.erasePatient>["body"]): Patient {
  if (patientEmail !== undefined) return { patientEmail };
  if (patientPhone !== undefined) return { patientPhone };
  throw new Error("The body of the request was not checked");
}
