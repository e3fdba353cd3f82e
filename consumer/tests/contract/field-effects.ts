import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { readEvent } from "../../src/delivery/message.ts";
import { createJobTransaction, NothingToCommit } from "../../src/delivery/job-transaction.ts";
import { type JobName, jobs } from "../../src/generated/jobs.ts";
import type { Job } from "../../src/jobs/job.ts";
import type { TestDatabase } from "../support/test-database.ts";
import { appointmentId, hopper, lovelace } from "./expected-fields.ts";
import { created, doctors } from "./earlier-events.ts";

type Fields = Record<string, unknown>;
export type Body = Fields & { eventName: string; aggregateId: string; payload: Fields };

interface Document {
  operations: Record<string, { messages: { $ref: string }[]; "x-reads": Record<string, string[]> }>;
  components: {
    messages: Record<string, { payload: { $ref: string }; examples: { payload: Body }[] }>;
    schemas: Record<string, { properties?: Record<string, unknown> }>;
  };
}

const document: Document = JSON.parse(
  readFileSync(new URL("../../src/generated/asyncapi.json", import.meta.url), "utf8"),
);

/**
 * The messages of a job, by their keys, with the fields that it is declared to read. Without what it reads encrypted: that is
 * the plain form by the time the job decides, and bound to the event that it came in.
 */
export function readsOf(job: JobName): [message: string, reads: readonly string[]][] {
  return Object.entries(document.operations[job]!["x-reads"]).filter(([, reads]) =>
    !reads.includes("payload.personalData")
  );
}

/** The examples of a message, of one visit and with what nobody has to send: together they have every field. */
export function examplesOf(message: string): Body[] {
  return document.components.messages[message]!.examples.map(({ payload }) => ({
    eventId: "0197f3a2-7000-7000-8000-00000000000a",
    correlationId: "request-1",
    actor: "reception",
    ...payload,
    // Comes after what came before.
    aggregateVersion: payload.eventName.startsWith("appointment.created") ? 1 : 2,
    aggregateId: payload.eventName.startsWith("appointment.") ? appointmentId : payload.aggregateId,
    payload: {
      ...payload.payload,
      // That no example has.
      ...(payload.eventName === "doctor.updated" && { retired: false }),
      ...(payload.eventName.startsWith("patient.") && { appointmentIds: [appointmentId] }),
    },
  }));
}

/** What may have come before: nothing but the doctors, and what makes a job know the visit. */
export function historiesBefore(job: JobName, { eventName }: Body): Body[][] {
  const payload = {
    ...created.payload,
    patientPhone: "+4930111111",
    patientName: "Ada King",
    locale: "fr",
    timeZone: "Europe/Paris",
  };
  const isFirst = eventName === "appointment.created" || eventName === "doctor.updated";
  const known = eventName === "doctor.updated" ? [] : doctors;
  const histories = isFirst ? [known] : [known, [...known, { ...created, payload }]];
  return histories.map((all) => all.filter(({ eventName }) => Object.hasOwn(jobs[job].events, eventName)));
}

/** Another value that the contract allows for the field, by its name. */
const others: Record<string, unknown> = {
  eventId: "0197f3a2-7000-7000-8000-00000000000b",
  aggregateVersion: 3,
  correlationId: "request-2",
  actor: "manager",
  patientEmail: "grace@example.org",
  patientPhone: "+4930222222",
  patientName: "Grace Hopper",
  locale: "es",
  timeZone: "Asia/Tokyo",
  appointmentDate: "2026-12-09T14:45:00+01:00",
  previousAppointmentDate: "2026-12-10T14:45:00+01:00",
  durationMinutes: 75,
  previousDurationMinutes: 90,
  cancelledBy: "clinic",
  reasonCode: "other",
  removed: ["patientName"],
  name: "Dr. Somebody Else",
  email: "else@clinic.example",
  phone: "+4930333333",
  workingHours: [{ weekday: 2, start: "10:00", end: "11:00" }],
  exceptions: [{ date: "2026-12-24", intervals: [] }],
  appointmentId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4bff",
  channel: "email",
  recipient: "doctor",
  notification: "moved",
  reason: "bounced",
  appointmentIds: ["0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4bff"],
};

function otherThan(name: string, value: unknown): unknown {
  if (name === "doctorId" || name === "previousDoctorId") return value === lovelace ? hopper : lovelace;
  if (name === "personalData") return `${value}A`;
  if (typeof value === "boolean") return !value;
  if (name === "previousStatus") return value === "no_show" ? "completed" : "no_show";
  if (name === "channel" && value === others["channel"]) return "sms";
  if (name === "recipient" && value === others["recipient"]) return "patient";
  if (name === "cancelledBy" && value === others["cancelledBy"]) return "patient";
  if (!Object.hasOwn(others, name)) throw new Error(`another value for ${name} is missing in ${import.meta.url}`);
  return others[name];
}

/** The body with another value in one of its fields. */
export function withOther(body: Body, field: string): Body {
  const name = field.replace(/^payload\./, "");
  const place = name === field ? body : body.payload;
  const changed = { ...place, [name]: otherThan(name, place[name]) };
  return (name === field ? changed : { ...body, payload: changed }) as Body;
}

/** The fields that a job need not read: those that say what and whose event it is are always read. */
export function fieldsOf(body: Body): string[] {
  const always = ["eventName", "version", "aggregateId", "timestamp", "payload"];
  return [
    ...Object.keys(body).filter((name) => !always.includes(name)),
    ...Object.keys(body.payload).map((name) => `payload.${name}`),
  ];
}

/** The values of each column that has any, by `table.column`. */
export type Effects = Record<string, string>;

/** Everything that a job keeps after these events, the rows of inbox and audit among it. */
export async function effectsOf({ sql }: TestDatabase, job: Job, bodies: readonly Body[]): Promise<Effects> {
  const inTransaction = createJobTransaction(job, () => new Date("2026-11-23T08:30:00Z"));
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations'`;
  return await sql.begin(async (transaction) => {
    for (const body of bodies) {
      const content = Buffer.from(JSON.stringify(body));
      const received = readEvent(job.name, { content, properties: {} });
      try {
        await transaction.savepoint((step) => inTransaction(step as typeof transaction, [received]));
      } catch (error) {
        if (!(error instanceof NothingToCommit)) throw error;
      }
    }
    const effects: Effects = {};
    for (const { name } of tables) {
      const rows = await transaction`select * from ${transaction(name)}`;
      for (const { name: column } of rows.columns) {
        if (rows.length > 0) {
          effects[`${name}.${column}`] = rows.map((row) => JSON.stringify(row[column])).sort().join("\n");
        }
      }
    }
    throw new Kept(effects);
  }).catch((error: unknown) => {
    if (error instanceof Kept) return error.effects;
    throw error;
  });
}

/** Rolls back, so that the next events find nothing. */
class Kept extends Error {
  readonly effects: Effects;

  constructor(effects: Effects) {
    super("only looked at");
    this.effects = effects;
  }
}
