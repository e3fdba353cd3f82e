import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { EmittedEvent } from "../src/services.ts";
import type { SeeAnswer } from "../src/wire/answer-violations.ts";
import type { RunningProducer } from "./producer-process.ts";
import { ServiceFailed } from "../src/wire/service-failed.ts";

interface Appointment {
  id: string;
  etag: string;
  appointmentDate: string;
}

type State = (api: ProducerApi, optionalFields: boolean) => Promise<EmittedEvent>;

/** Name of a provider state → the requests that bring it about. `optionalFields` asks for every field that there is. */
export const providerStates: Record<string, State> = {
  "a doctor was updated": async (api, optionalFields) => {
    const id = await api.addDoctor(optionalFields ? completeDoctor : {});
    if (!optionalFields) return { eventName: "doctor.updated", aggregateId: id };
    await api.send("POST", `/v1/doctors/${id}/retire`);
    return { eventName: "doctor.updated", aggregateId: id, aggregateVersion: 2 };
  },
  "an appointment was created": async (api, optionalFields) => {
    const booked = await api.book({});
    if (!optionalFields) return { eventName: "appointment.created", aggregateId: booked.id };
    const over = await api.book({ ...completePatient, durationMinutes: 45, overbook: true }, booked);
    return { eventName: "appointment.created", aggregateId: over.id };
  },
  "an appointment was created for a patient without e-mail": async (api, optionalFields) => {
    const { patientEmail: _, patientPhone, ...rest } = completePatient;
    const byPhone = { patientEmail: undefined, patientPhone };
    const booked = await api.book(byPhone);
    if (!optionalFields) return { eventName: "appointment.created", aggregateId: booked.id };
    const over = await api.book({ ...byPhone, ...rest, durationMinutes: 45, overbook: true }, booked);
    return { eventName: "appointment.created", aggregateId: over.id };
  },
  "an appointment was created, encrypted": async ({ encrypted }, optionalFields) => {
    const booked = await encrypted.book({});
    if (!optionalFields) return { eventName: "appointment.created", aggregateId: booked.id };
    const over = await encrypted.book({ ...completePatient, durationMinutes: 45, overbook: true }, booked);
    return { eventName: "appointment.created", aggregateId: over.id };
  },
  "an appointment was rescheduled": async (api, optionalFields) => {
    const booked = await api.book({});
    const other = await api.book({});
    const move = optionalFields
      ? { doctorId: other.doctorId, appointmentDate: other.appointmentDate, durationMinutes: 45, overbook: true }
      : { appointmentDate: api.nextDate() };
    await api.send("PATCH", `/v1/appointments/${booked.id}`, move, { "if-match": booked.etag });
    return { eventName: "appointment.rescheduled", aggregateId: booked.id };
  },
  "an appointment's contact was changed": async (api, optionalFields) => {
    const { id, etag } = await api.book({});
    const contact = optionalFields ? completePatient : { patientPhone: completePatient.patientPhone };
    await api.send("PATCH", `/v1/appointments/${id}`, contact, { "if-match": etag });
    return { eventName: "appointment.contact_changed", aggregateId: id };
  },
  "an appointment's contact was changed, encrypted": async ({ encrypted }, optionalFields) => {
    const { id, etag } = await encrypted.book({});
    const contact = optionalFields ? completePatient : { patientPhone: completePatient.patientPhone };
    await encrypted.send("PATCH", `/v1/appointments/${id}`, contact, { "if-match": etag });
    return { eventName: "appointment.contact_changed", aggregateId: id };
  },
  "what an appointment can do without was removed, encrypted": async (api) => {
    const { id, etag } = await api.encrypted.book(completePatient);
    const contact = { ...removedFields, patientEmail: api.nextAddress() };
    await api.encrypted.send("PATCH", `/v1/appointments/${id}`, contact, { "if-match": etag });
    return { eventName: "appointment.contact_changed", aggregateId: id };
  },
  "what an appointment can do without was removed": async (api) => {
    const { id, etag } = await api.book(completePatient);
    await api.send("PATCH", `/v1/appointments/${id}`, removedFields, { "if-match": etag });
    return { eventName: "appointment.contact_changed", aggregateId: id };
  },
  "an appointment was cancelled": async (api, optionalFields) => {
    const { id } = await api.book({});
    const why = optionalFields ? { cancelledBy: "patient", reasonCode: "feeling-better" } : {};
    await api.send("POST", `/v1/appointments/${id}/cancel`, why);
    return { eventName: "appointment.cancelled", aggregateId: id };
  },
  "a patient arrived": async (api) => {
    const { id } = await api.bookAndReach();
    await api.send("POST", `/v1/appointments/${id}/arrive`, {});
    return { eventName: "appointment.arrived", aggregateId: id };
  },
  "an appointment was completed": async (api) => {
    const { id } = await api.bookAndReach();
    await api.send("POST", `/v1/appointments/${id}/arrive`, {});
    await api.send("POST", `/v1/appointments/${id}/complete`, {});
    return { eventName: "appointment.completed", aggregateId: id };
  },
  "a patient did not show": async (api) => {
    const { id } = await api.bookAndReach();
    await api.send("POST", `/v1/appointments/${id}/no-show`, {});
    return { eventName: "appointment.no_show", aggregateId: id };
  },
  "an appointment was reopened": async (api, optionalFields) => {
    const { id } = await api.bookAndReach(optionalFields ? { overbook: true } : {});
    await api.send("POST", `/v1/appointments/${id}/no-show`, {});
    await api.send("POST", `/v1/appointments/${id}/reopen`, {});
    return { eventName: "appointment.reopened", aggregateId: id };
  },
  "a patient was erased": async (api) => {
    const patientEmail = api.nextAddress();
    await api.book({ patientEmail });
    await api.book({ patientEmail });
    const erasure = await (await api.send("POST", "/v1/patients/erase", { patientEmail })).json();
    return { eventName: "patient.erased", aggregateId: erasure.id };
  },
  "a notification failed": async (api) => {
    const booked = await api.book({});
    const { id } = await (await api.send("POST", "/ops/failed-notifications", failedNotification(booked.id))).json();
    return { eventName: "notification.failed", aggregateId: id };
  },
  "a patient opted out": async (api) => {
    const patientPhone = `+4930${Date.now()}`.slice(0, 15);
    await api.book({ patientPhone });
    await api.book({ patientPhone });
    const said = { id: randomUUID(), channel: "sms", optedOut: true, at: new Date().toISOString() };
    await api.send("POST", "/ops/opt-outs", { ...said, contact: sha256(patientPhone) });
    return { eventName: "patient.opted_out", aggregateId: said.id };
  },
};

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const failedNotification = (appointmentId: string) => ({
  id: randomUUID(),
  appointmentId,
  channel: "email",
  recipient: "patient",
  notification: "booked",
  reason: "bounced",
  contact: sha256("ada@example.org"),
  failedAt: new Date().toISOString(),
});
const completePatient = {
  patientEmail: "grace@example.org",
  patientPhone: "+4930123456",
  patientName: "Grace Hopper",
  locale: "de",
};
const removedFields = { patientPhone: null, patientName: null, locale: null };
const completeDoctor = {
  name: "Dr. Émilie Noether",
  phone: "+4930111111",
  workingHours: [{ weekday: 1, start: "09:00", end: "12:30" }],
  exceptions: [{ date: "2030-12-31", intervals: [{ start: "09:00", end: "12:00" }] }],
};

export interface ProducerApi {
  addDoctor(fields: object): Promise<string>;
  /** Books with a doctor of its own, or on top of another visit. */
  book(
    fields: object,
    over?: { doctorId: string; appointmentDate: string },
  ): Promise<Appointment & { doctorId: string }>;
  /** Books, and sets the producer's clock to the visit's start. */
  bookAndReach(fields?: object): Promise<Appointment>;
  /** A time that no other visit has, later than any before, so that it is still to come when the clock was set. */
  nextDate(): string;
  /** An address that no other patient has. */
  nextAddress(): string;
  send(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
  /** The same requests to a producer that encrypts what identifies patients. */
  encrypted: Pick<ProducerApi, "book" | "send">;
  /** Answers with the names of the events that are still in the outbox after a while. */
  untilOutboxIsEmpty(): Promise<string[]>;
}

const OUTBOX_MS = 10_000;

/** Requests to the running producer; every answer but a success is an error that says what was asked. */
export function createProducerApi(
  { url, apiKey, clock }: Pick<RunningProducer, "url" | "apiKey" | "clock">,
  see: SeeAnswer = () => {},
  encrypting?: Pick<RunningProducer, "url" | "apiKey">,
): ProducerApi {
  const firstDate = Math.ceil(Date.now() / 3_600_000 + 30 * 24) * 3_600_000;
  let doctors = 0;
  let hours = 0;
  let addresses = 0;
  const sendTo =
    (to: Pick<RunningProducer, "url" | "apiKey">): ProducerApi["send"] => async (method, path, body, headers = {}) => {
      const response = await fetch(new URL(path, to.url), {
        method,
        headers: { "content-type": "application/json", "x-api-key": to.apiKey, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      see(method, path, { status: response.status, text: await response.clone().text() });
      if (response.ok) return response;
      throw new ServiceFailed(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    };
  const bookBy = (send: ProducerApi["send"]): ProducerApi["book"] => async (fields, over) => {
    const doctorId = over?.doctorId ?? await api.addDoctor({});
    const appointmentDate = over?.appointmentDate ?? api.nextDate();
    const visit = { patientEmail: "ada@example.org", doctorId, appointmentDate, ...fields };
    const response = await send("POST", "/v1/appointments", visit);
    const { id } = await response.json();
    return { id, doctorId, appointmentDate, etag: response.headers.get("etag") ?? "" };
  };
  const send = sendTo({ url, apiKey });
  const sendEncrypted = encrypting ? sendTo(encrypting) : () => Promise.reject(new Error("no producer encrypts"));
  const api: ProducerApi = {
    async addDoctor(fields) {
      const id = `dr-${++doctors}`;
      const doctor = { name: `Doctor ${doctors}`, email: `${id}@clinic.example`, timeZone: "Europe/Berlin", ...fields };
      await api.send("PUT", `/v1/doctors/${id}`, doctor);
      return id;
    },
    book: bookBy(send),
    async bookAndReach(fields = {}) {
      const booked = await api.book(fields);
      clock.reach(new Date(booked.appointmentDate));
      return booked;
    },
    nextDate: () => new Date(firstDate + ++hours * 3_600_000).toISOString(),
    nextAddress: () => `patient-${++addresses}@example.org`,
    send,
    encrypted: { book: bookBy(sendEncrypted), send: sendEncrypted },
    async untilOutboxIsEmpty() {
      const deadline = Date.now() + OUTBOX_MS;
      while (true) {
        const { items } = await (await api.send("GET", "/ops/outbox")).json();
        if (items.length === 0 || Date.now() > deadline) {
          return items.map(({ eventName }: { eventName: string }) => eventName);
        }
        await delay(50);
      }
    },
  };
  return api;
}
