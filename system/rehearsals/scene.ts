import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import process from "node:process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../local-files.ts";
import type { LocalSystem } from "../local-system.ts";

/** What an incident is made of: the local system, and a clinic that goes on booking. */
export interface Scene extends LocalSystem {
  /** Books a visit at some free time; the answer's status, and the visit where it was booked. */
  tryToBook(): Promise<{ status: number; id?: string }>;
  /** Throws where it is refused. */
  book(): Promise<string>;
  /** `consumer …` as `npm run consumer -- …` runs it; what it prints. */
  consumer(...args: string[]): Promise<string>;
}

const dayMs = 86_400_000;
/** Within the doctor's working hours, whatever the clocks of the day say. */
const firstHour = 8;

export function createScene(system: LocalSystem): Scene {
  const { api, apiKey, doctorId } = system.stack;

  async function tryToBook() {
    const [day, minute] = [randomBytes(2).readUInt16BE() % 300, randomBytes(2).readUInt16BE() % 84];
    const date = new Date(Date.now() + (10 + day) * dayMs);
    date.setUTCHours(firstHour, minute * 5, 0, 0);
    const response = await fetch(`${api}/v1/appointments`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": apiKey },
      body: JSON.stringify({
        patientEmail: `rehearsal-${randomBytes(6).toString("hex")}@patients.example`,
        doctorId,
        appointmentDate: date.toISOString(),
        durationMinutes: 5,
        overbook: true,
      }),
    });
    const { id } = await response.json() as { id?: string };
    return { status: response.status, ...(id !== undefined && response.ok && { id }) };
  }

  return {
    ...system,
    tryToBook,
    async book() {
      const { id, status } = await tryToBook();
      if (id === undefined) throw new Error(`the producer refused a booking (${status})`);
      return id;
    },
    async consumer(...args) {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [join(root, "system/run.mjs"), "consumer", ...args],
        { cwd: root, timeout: 60_000 },
      );
      return stdout;
    },
  };
}
