import { expect } from "vitest";
import { doctor } from "../../doctor.ts";
import type { Clinic } from "./clinic.ts";
import { slot } from "./slot.ts";

export interface Booked {
  id: string;
  patientEmail: string;
  /** What the request sent as X-Request-Id. */
  correlationId: string;
}

/** Books the n-th visit of a day that is always ahead; each n is another slot. */
export async function book(clinic: Pick<Clinic, "api" | "apiKey">, n: number): Promise<Booked> {
  const patientEmail = `patient-${n}@example.org`;
  const correlationId = `request-${n}`;
  const response = await fetch(`${clinic.api}/v1/appointments`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": clinic.apiKey, "x-request-id": correlationId },
    body: JSON.stringify({ patientEmail, doctorId: doctor.id, appointmentDate: slot(n), durationMinutes: 5 }),
  });
  expect(response.status, await response.clone().text()).toBe(201);
  const { id } = await response.json() as { id: string };
  return { id, patientEmail, correlationId };
}
