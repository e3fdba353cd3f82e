import { doctor } from "../doctor.ts";
import type { Clinic } from "../tests/support/clinic.ts";

/** So many that hardly two bookings wait for the same one. */
export const doctors = 200;
export const doctorId = (n: number): string => `dr-${n}`;

export async function createDoctors({ api, apiKey }: Pick<Clinic, "api" | "apiKey">, count = doctors): Promise<void> {
  const { id: _, ...body } = doctor;
  for (let n = 0; n < count; n++) {
    const response = await fetch(`${api}/v1/doctors/${doctorId(n)}`, {
      method: "PUT",
      headers: { "content-type": "application/json", "x-api-key": apiKey },
      body: JSON.stringify({ ...body, email: `${doctorId(n)}@clinic.example` }),
    });
    if (response.status !== 201) throw new Error(`doctor ${n} answered ${response.status}: ${await response.text()}`);
  }
}
