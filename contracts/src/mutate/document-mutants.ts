import { type Edit, remove, set } from "./edit.ts";

const P = "asyncapi.yaml";
const C = "consumer/asyncapi.yaml";
const cancelled = "/operations/publishAppointmentCancelled/bindings/amqp";
const schemas = "/components/schemas";

/** Documents that are valid, and with which something would be lost or mean something else. */
export const documentTable: Record<string, [what: string, ...edits: Edit[]][]> = {
  "what a document says beside its schemas": [
    ["an audit that takes without acknowledging", set(C, "/operations/audit/bindings/amqp/ack", false)],
    ["personal data that nobody accepts", remove(C, "/operations/audit/x-personal-data-accepted")],
    ["an address that is no longer marked as personal", remove(P, `${schemas}/PatientEmail/x-personal-data`)],
    ["a language that is personal now", set(P, `${schemas}/Locale/x-personal-data`, true)],
    ["cancellations that need no queue", set(P, `${cancelled}/mandatory`, false)],
    ["cancellations without their time", set(P, `${cancelled}/timestamp`, false)],
    ["another default content type", set(P, "/defaultContentType", "application/cbor")],
    ["another address of a queue", set(C, "/channels/auditQueue/address", "apt.trail.queue")],
    ["the last retry of the audit gone", remove(C, "/channels/auditQueue/x-rabbitmq/retry/delays/3")],
    ["another meaning of a visit's length", set(P, `${schemas}/DurationMinutes/description`, "Length in hours.")],
    ["a default length", set(P, `${schemas}/DurationMinutes/default`, 20)],
  ],
};
