import { doctor } from "../../doctor.ts";
import type { Booked } from "./book.ts";
import type { Clinic } from "./clinic.ts";
import { slot } from "./slot.ts";

export interface Answer {
  status: number;
  retryAfter: string | null;
  text: string;
  booked: Booked | undefined;
}

/** Asks once for the n-th slot, under a key of its own: whoever asks again after 503 gets the one booking. */
export async function tryToBook(clinic: Pick<Clinic, "api" | "apiKey">, n: number): Promise<Answer> {
  const patientEmail = `patient-${n}@example.org`;
  const correlationId = `request-${n}`;
  const response = await fetch(`${clinic.api}/v1/appointments`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-api-key": clinic.apiKey,
      "x-request-id": correlationId,
      "idempotency-key": correlationId,
    },
    body: JSON.stringify({ patientEmail, doctorId: doctor.id, appointmentDate: slot(n), durationMinutes: 5 }),
  });
  const text = await response.text();
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    text,
    booked: response.status === 201 ? { id: JSON.parse(text).id, patientEmail, correlationId } : undefined,
  };
}
