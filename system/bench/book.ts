import type { Clinic } from "../tests/support/clinic.ts";

export interface Booking {
  patientEmail: string;
  patientPhone?: string;
  doctorId: string;
  appointmentDate: string;
}

/** Books a visit of five minutes; answers its id. */
export async function book({ api, apiKey }: Pick<Clinic, "api" | "apiKey">, booking: Booking): Promise<string> {
  const response = await fetch(`${api}/v1/appointments`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": apiKey },
    body: JSON.stringify({ ...booking, durationMinutes: 5 }),
  });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`a booking answered ${response.status}: ${answer}`);
  return (JSON.parse(answer) as { id: string }).id;
}
