import { randomInt } from "node:crypto";
import { doctor, offsetOn } from "./doctor.ts";

interface BookedAt {
  api: string;
  apiKey: string;
  /** The file of the authority of the API's certificate. */
  ca?: string | undefined;
}

/** A curl line that books a visit within the doctor's working hours, at a time that is hardly ever taken. */
export function bookingExample({ api, apiKey, ca }: BookedAt, now = new Date()): string {
  const booking = {
    patientEmail: "grace.hopper@example.org",
    patientPhone: "+4930654321",
    doctorId: doctor.id,
    appointmentDate: workingTime(now),
  };
  return `curl -i ${
    ca === undefined ? "" : `--cacert '${ca}' `
  }${api}/v1/appointments -H 'X-API-Key: ${apiKey}' -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(booking)}'`;
}

/** Some half hour between nine and five, on some weekday of the weeks after next. */
function workingTime(now: Date): string {
  const day = new Date(now);
  day.setUTCDate(day.getUTCDate() + 7 + randomInt(28));
  while (isWeekend(day)) day.setUTCDate(day.getUTCDate() + 1);
  const minutes = 9 * 60 + 30 * randomInt(16);
  const time = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${day.toISOString().slice(0, 10)}T${time}:00${offsetOn(day)}`;
}

function isWeekend(day: Date): boolean {
  return [0, 6].includes(day.getUTCDay());
}
