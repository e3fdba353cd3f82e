import { doctor } from "../doctor.ts";
import type { Clinic } from "../tests/support/clinic.ts";
import type { Asked, Step, Visit } from "./load.ts";

export interface Seen {
  mails: { step: Step; reader: "patient" | "doctor"; patientEmail: string }[];
  texts: { step: Step; to: string; body: string }[];
  /** Where the patient was erased, an entry does not say of which appointment it is. */
  entries: { appointmentId: string | undefined; startsAt: number }[];
  appointments: Map<string, { status: string; startsAt: number }>;
  /** Of the slots that are asked about, those that the job availability offers. */
  freeSlots: Set<number>;
  audit: { job: string; action: string; eventName: string | null; aggregateId: string }[];
  auditProblems: string[];
  unknown: { appointmentId: string; channel: string; template: string }[];
  /** What both services still give out about each patient who was erased, by the visit's id. */
  kept: Map<string, string[]>;
}

export interface Surfaces {
  clinic: Clinic;
  /** The consumer's operations port. */
  operations: string;
}

export const count = <Item>(items: readonly Item[], test: (item: Item) => boolean) => items.filter(test).length;

/** How much has arrived at the other side, in a text that changes with it. */
export async function countHandedOver({ clinic }: Pick<Surfaces, "clinic">): Promise<string> {
  const urls = [`${clinic.mail.url}/messages`, `${clinic.sms.url}/messages`, `${clinic.calendar.url}/resources`];
  const all = await Promise.all(urls.map((url) => read<unknown[]>(url)));
  return all.map(({ length }) => length).join();
}

/** Reads the public surfaces: the API, the servers for mail, text messages and calendars, and the operator's commands. */
export async function look({ clinic, operations }: Surfaces, { visits }: Asked): Promise<Seen> {
  const list = ["sends", "list", "--state", "unknown", "--limit", "100000", "--json"];
  const [mails, texts, entries, appointments, freeSlots, trail, auditProblems, unknown, kept] = await Promise.all([
    read<Mail[]>(`${clinic.mail.url}/messages`),
    read<{ to: string; body: string }[]>(`${clinic.sms.url}/messages`),
    read<{ data: string }[]>(`${clinic.calendar.url}/resources`),
    findAppointments(clinic, visits),
    findFreeSlots(operations, clinic.apiKey, visits.map(({ startsAt }) => Date.parse(startsAt))),
    clinic.consumerCommand("audit", "export", "--json"),
    verifyAudit(clinic),
    clinic.consumerCommand(...list),
    findKept(clinic, operations, visits),
  ]);
  return {
    mails: mails.flatMap(readMail),
    texts: texts.flatMap(readText),
    entries: entries.map(readEntry),
    appointments,
    freeSlots,
    audit: parseLines(trail),
    auditProblems,
    unknown: parseLines(unknown),
    kept,
  };
}

async function findAppointments({ api, apiKey }: Clinic, visits: Visit[]): Promise<Seen["appointments"]> {
  const appointments: Seen["appointments"] = new Map();
  for (const { id } of visits) {
    const found = await read<{ status: string; appointmentDate: string }>(`${api}/v1/appointments/${id}`, {
      "x-api-key": apiKey,
    });
    appointments.set(id, { status: found.status, startsAt: Date.parse(found.appointmentDate) });
  }
  return appointments;
}

/** The parts of both services' exports that are not empty. */
async function findKept({ api, apiKey }: Clinic, operations: string, visits: Visit[]): Promise<Seen["kept"]> {
  const kept: Seen["kept"] = new Map();
  for (const { id, patientEmail } of visits.filter(({ erased }) => erased)) {
    const parts = [
      await read<object>(`${api}/v1/patients/export`, { "x-api-key": apiKey }, { patientEmail }),
      (await read<{ consumer: object }>(`${operations}/ops/patients/export`, { "x-api-key": apiKey }, {
        email: patientEmail,
      })).consumer,
    ];
    const all = parts.flatMap((part) => Object.entries(part));
    kept.set(id, all.filter(([, list]) => Array.isArray(list) && list.length > 0).map(([name]) => name));
  }
  return kept;
}

/** Empty where the chain is whole; 3 is the exit code of one that no checkpoint vouches for yet. */
async function verifyAudit(clinic: Clinic): Promise<string[]> {
  try {
    await clinic.consumerCommand("audit", "verify", "--json");
    return [];
  } catch (error) {
    const { code, stdout } = error as { code?: number; stdout?: string };
    return code === 3 ? [] : [`the audit trail is broken: ${stdout || error}`];
  }
}

async function read<Answer>(url: string, headers: Record<string, string> = {}, body?: object): Promise<Answer> {
  const response = await fetch(url, {
    ...(body && { method: "POST", body: JSON.stringify(body) }),
    headers: { ...headers, ...(body && { "content-type": "application/json" }) },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return await response.json() as Answer;
}

interface Mail {
  to: string[];
  subject: string;
  text: string;
}

function stepOf(words: string): Step {
  if (/cancelled/.test(words)) return "cancelled";
  return /changed/.test(words) ? "moved" : "booked";
}

function readMail({ to: [to = ""], subject, text }: Mail): Seen["mails"] {
  if (/^Reminder/.test(subject)) return [];
  const reader = to === doctor.email ? "doctor" : "patient";
  const patientEmail = reader === "patient" ? to : /Patient: (\S+)/.exec(text)?.[1] ?? "nobody";
  return [{ step: stepOf(subject), reader, patientEmail }];
}

function readText({ to, body }: { to: string; body: string }): Seen["texts"] {
  return /reminder/.test(body) ? [] : [{ step: stepOf(body), to, body }];
}

/** An entry says of which visit it is, and when that begins. */
function readEntry({ data }: { data: string }): Seen["entries"][number] {
  const unfolded = data.replaceAll(/\r?\n[ \t]/g, "");
  const [, year, month, day, hour, minute] = /^DTSTART:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)\d\dZ/m.exec(unfolded)!;
  return {
    appointmentId: /^DESCRIPTION:Reference (\S+)/m.exec(unfolded)?.[1],
    startsAt: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)),
  };
}

const dayMs = 24 * 60 * 60_000;

async function findFreeSlots(operations: string, apiKey: string, times: number[]): Promise<Set<number>> {
  const free = new Set<number>();
  const days = new Set(times.map((time) => Math.floor(time / dayMs)));
  for (const day of days) {
    const query = new URLSearchParams({
      from: new Date(day * dayMs).toISOString(),
      to: new Date((day + 1) * dayMs).toISOString(),
      durationMinutes: "5",
      limit: "1000",
    });
    const { slots } = await read<{ slots: { start: string }[] }>(
      `${operations}/v1/doctors/${doctor.id}/availability?${query}`,
      { "x-api-key": apiKey },
    );
    for (const { start } of slots) free.add(Date.parse(start));
  }
  return free;
}

/** A document a line, as the commands print lists with --json. */
function parseLines<Document>(text: string): Document[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}
