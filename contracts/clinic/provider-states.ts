import { createHash, randomUUID } from "node:crypto";
import type { EmittedEvent } from "../src/services.ts";
import type { ProducerApi } from "./producer-api.ts";

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
