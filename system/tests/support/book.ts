import { expect } from "vitest";
import { doctor, offsetOn } from "../../doctor.ts";
import type { Clinic } from "./clinic.ts";

export interface Booked {
  id: string;
  patientEmail: string;
}

/** Books the n-th visit of a day that is always ahead; each n is another slot. */
export async function book(clinic: Clinic, n: number): Promise<Booked> {
  const patientEmail = `patient-${n}@example.org`;
  const response = await fetch(`${clinic.api}/v1/appointments`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": clinic.apiKey },
    body: JSON.stringify({ patientEmail, doctorId: doctor.id, appointmentDate: slot(n), durationMinutes: 5 }),
  });
  expect(response.status, await response.clone().text()).toBe(201);
  const { id } = await response.json() as { id: string };
  return { id, patientEmail };
}

const slotsPerDay = 8 * 12;

/** Every five minutes of the doctor's working days. */
export function slot(n: number): string {
  const day = new Date();
  day.setUTCHours(10, 0, 0, 0);
  for (let ahead = Math.floor(n / slotsPerDay) + 1; ahead > 0;) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (![0, 6].includes(day.getUTCDay())) ahead--;
  }
  const minutes = 9 * 60 + 5 * (n % slotsPerDay);
  const time = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${day.toISOString().slice(0, 10)}T${time}:00${offsetOn(day)}`;
}
