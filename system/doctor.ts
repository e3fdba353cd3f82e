import postgres from "postgres";
import { fetchTrusting } from "./fetch-trusting.ts";
import { StackError } from "./stack/stack-error.ts";
import { waitFor } from "./stack/wait-for.ts";

const weekdays = [1, 2, 3, 4, 5];

/** The one doctor that a new system knows. */
export const doctor = {
  id: "dr-lovelace",
  name: "Dr. Ada Lovelace",
  email: "ada.lovelace@clinic.example",
  phone: "+4930123456",
  timeZone: "Europe/Berlin",
  workingHours: weekdays.map((weekday) => ({ weekday, start: "09:00", end: "17:00" })),
};

export async function createDoctor(api: string, apiKey: string, ca?: string): Promise<void> {
  const { id, ...body } = doctor;
  const response = await fetchTrusting(ca)(`${api}/v1/doctors/${id}`, {
    method: "PUT",
    headers: { "content-type": "application/json", "x-api-key": apiKey },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    throw new StackError(`the producer refused the doctor (${response.status}): ${await response.text()}`);
  }
}

/** Resolves when the consumer knows the doctor, too: until then a booking's mails wait for the address. */
export async function waitUntilDoctorIsKnown(consumerDatabase: string, signal?: AbortSignal): Promise<void> {
  const sql = postgres(consumerDatabase, { max: 1, onnotice: () => {} });
  try {
    const known = async () => (await sql`SELECT FROM notification_doctors WHERE doctor_id = ${doctor.id}`).length === 1;
    await waitFor("the consumer to know the doctor", known, { timeoutMs: 60_000, signal });
  } finally {
    await sql.end();
  }
}

/** What the doctor's clocks are ahead of UTC on that day, as in RFC 3339. */
export function offsetOn(day: Date): string {
  const format = new Intl.DateTimeFormat("en", { timeZone: doctor.timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(day).find(({ type }) => type === "timeZoneName")!.value;
  return name.replace("GMT", "") || "+00:00";
}
