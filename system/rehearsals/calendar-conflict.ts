import { Buffer } from "node:buffer";
import { waitFor } from "../stack/wait-for.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Scene } from "./scene.ts";

interface Entry {
  path: string;
  data: string;
}

/** Writes to the entry as the doctor's own calendar program does. */
async function changeByAnotherHand({ stack, services: { consumer } }: Scene, id: string): Promise<void> {
  const find = async () => {
    const entries = await (await fetch(`${stack.calendar}/resources`)).json() as Entry[];
    return entries.find((entry) => JSON.stringify(entry).includes(id));
  };
  const entry = await waitFor("the calendar entry of a booking", find, { timeoutMs: 60_000 });
  const credentials = `${consumer["CALDAV_USERNAME"]}:${consumer["CALDAV_PASSWORD"]}`;
  const response = await fetch(new URL(entry.path, stack.calendar), {
    method: "PUT",
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      "content-type": "text/calendar; charset=utf-8",
    },
    body: entry.data.replace(/^SUMMARY.*$/m, "SUMMARY:Changed by hand"),
  });
  if (!response.ok) throw new Error(`the calendar refused the change (${response.status})`);
}

async function reschedule({ stack: { api, apiKey } }: Scene, id: string): Promise<void> {
  const visit = await fetch(`${api}/v1/appointments/${id}`, { headers: { "x-api-key": apiKey } });
  const { appointmentDate } = await visit.json() as { appointmentDate: string };
  const response = await fetch(`${api}/v1/appointments/${id}`, {
    method: "PATCH",
    headers: {
      "x-api-key": apiKey,
      "content-type": "application/merge-patch+json",
      "if-match": visit.headers.get("etag")!,
    },
    body: JSON.stringify({
      appointmentDate: new Date(Date.parse(appointmentDate) + 86_400_000).toISOString(),
      overbook: true,
    }),
  });
  if (!response.ok) {
    throw new Error(`the producer refused to move a visit (${response.status}): ${await response.text()}`);
  }
}

export const calendarConflict: Rehearsal = {
  name: "calendar-conflict",
  title: "a doctor changes an entry of the calendar by hand, and then the visit moves",
  notice: "the doctor's calendar still shows the visit at its old time",
  async cause(scene) {
    const id = await scene.book();
    await changeByAnotherHand(scene, id);
    await reschedule(scene, id);
  },
  async undo(scene) {
    const unsettled = (await scene.consumer("calendar", "list", "--json")).split("\n").filter(Boolean);
    for (const line of unsettled) {
      const { appointmentId, doctorId, state } = JSON.parse(line) as Record<string, string>;
      if (state === "conflict") await scene.consumer("calendar", "overwrite", appointmentId!, doctorId!);
    }
  },
};
