import type { Row } from "./diff-table.ts";
import type { Document } from "./support/project.ts";

const rabbit = (consumer: Document, job = "audit") => consumer.channels[`${job}Queue`]["x-rabbitmq"];
const JOBS = ["notifications", "availability", "audit", "calendar", "analytics"];
const RECEIVE_DOCTORS = ["notifications", "availability", "audit"];

/** Small changes of where messages go, how they are marked, and what the broker has declared. */
export const TOPOLOGY_ROWS: Record<string, Row> = {
  "the exchange gets another name": {
    change: (_, producer) => {
      for (const channel of Object.values<Document>(producer.channels)) {
        channel.bindings.amqp.exchange.name = "visits.ex";
      }
    },
    verdict: "MAJOR",
    says: /^exchange name appointments\.ex → visits\.ex: breaks notifications \(its binding\)/,
  },
  "the exchange gets another type": {
    change: (_, producer) => producer.channels.doctorUpdated.bindings.amqp.exchange.type = "fanout",
    verdict: "MAJOR",
    says: /^exchange type topic → fanout: .*can't be redeclared/,
    breaks: [],
  },
  "the exchange is no longer durable": {
    change: (_, producer) => producer.channels.doctorUpdated.bindings.amqp.exchange.durable = false,
    verdict: "MAJOR",
    says: /^exchange durable true → false: .*can't be redeclared/,
    breaks: [],
  },
  "a routing key that no queue is bound to any more": {
    change: (_, producer) => producer.channels.doctorUpdated.address = "medic.updated",
    verdict: "MAJOR",
    says: /^routing key doctor\.updated → medic\.updated: breaks notifications/,
    breaks: RECEIVE_DOCTORS,
  },
  "a routing key that the queues are still bound to": {
    change: (_, producer) => producer.channels.doctorUpdated.address = "doctor.changed",
    verdict: "MAJOR",
    says: /^routing key doctor\.updated → doctor\.changed: breaks no job/,
    breaks: [],
  },
  "an event that no queue is bound to": {
    change: (_, producer) => addEvent(producer, "clinic.opened"),
    verdict: "MINOR",
    says: /^added; no queue is bound to its routing key \[clinic\.opened\]/,
  },
  "an event that old jobs get without knowing it": {
    change: (_, producer) => addEvent(producer, "appointment.paid"),
    verdict: "MAJOR",
    says: /^added: breaks notifications \(bound to appointment\.paid\).*dead-letters it: release the consumer first/,
    breaks: JOBS.slice(0, 4),
  },
  "an event that is no longer sent": {
    change: (_, producer) => delete producer.operations.publishDoctorUpdated,
    verdict: "MAJOR",
    says: /^no longer sent: breaks notifications/,
    breaks: RECEIVE_DOCTORS,
  },
  "another content type": {
    change: (_, producer) => producer.components.messageTraits.domainEvent.contentType = "application/cbor",
    verdict: "MAJOR",
    says: /^contentType application\/json → application\/cbor/,
  },
  "another content encoding": {
    change: (_, producer) => producer.components.messages.doctorUpdated.bindings.amqp.contentEncoding = "gzip",
    verdict: "MAJOR",
    says: /^contentEncoding utf-8 → gzip/,
  },
  "another message type": {
    change: (_, producer) => producer.components.messages.doctorUpdated.bindings.amqp.messageType = "doctor",
    verdict: "MAJOR",
    says: /^messageType doctor\.updated → doctor/,
  },
  "messages that do not survive a restart": {
    change: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.deliveryMode = 1,
    verdict: "MAJOR",
    says: /^deliveryMode 2 → 1: .*no longer survive/,
  },
  "messages that need no queue": {
    change: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.mandatory = false,
    verdict: "MAJOR",
    says: /^mandatory true → false: .*no longer learns/,
  },
  "messages that vanish after a while": {
    change: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.expiration = 60_000,
    verdict: "MAJOR",
    says: /^expiration none → 60000: .*messages vanish from a queue that is not read for 60000 ms/,
  },
  "messages that vanish sooner": {
    given: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.expiration = 60_000,
    change: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.expiration = 1000,
    verdict: "MAJOR",
    says: /^expiration 60000 → 1000: .*vanish/,
  },
  "messages that stay longer": {
    given: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.expiration = 60_000,
    change: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.expiration = 90_000,
    verdict: "MINOR",
    says: /^expiration 60000 → 90000/,
  },
  "messages that no longer vanish": {
    given: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.expiration = 60_000,
    change: (_, producer) => delete producer.operations.publishDoctorUpdated.bindings.amqp.expiration,
    verdict: "MINOR",
    says: /^expiration 60000 → none/,
  },
  "messages without their time": {
    change: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.timestamp = false,
    verdict: "MAJOR",
    says: /^timestamp true → false: .*no rule says that this is harmless/,
  },
  "messages that need a queue": {
    given: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.mandatory = false,
    change: (_, producer) => producer.operations.publishDoctorUpdated.bindings.amqp.mandatory = true,
    verdict: "MINOR",
    says: /^mandatory false → true/,
  },
  "messages that a crash loses": {
    change: (_s, _p, consumer) => consumer.operations.audit.bindings.amqp.ack = false,
    verdict: "MAJOR",
    says: /^audit ack true → false: breaks audit .*what a crash interrupts is lost/,
    breaks: ["audit"],
  },
  "another default content type": {
    change: (_, producer) => producer.defaultContentType = "application/cbor",
    verdict: "MAJOR",
    says: /^defaultContentType application\/json → application\/cbor/,
  },
  "another address of a queue": {
    change: (_s, _p, consumer) => consumer.channels.auditQueue.address = "apt.trail.queue",
    verdict: "MAJOR",
    says: /^audit address apt\.audit\.queue → apt\.trail\.queue: breaks audit/,
    breaks: ["audit"],
  },
  "personal data that is no longer accepted": {
    change: (_s, _p, consumer) => delete consumer.operations.audit["x-personal-data-accepted"],
    verdict: "MAJOR",
    says: /^audit x-personal-data-accepted\/appointmentContactChanged .* → none: breaks audit/,
    breaks: ["audit"],
  },
  "a field that becomes personal data": {
    change: (schemas) => schemas.Locale["x-personal-data"] = true,
    verdict: "MAJOR",
    says: /^payload\.locale is personal data now: breaks notifications .*logs, keeps or erases/,
    breaks: ["notifications"],
  },
  "a field that is no longer personal data": {
    change: (schemas) => delete schemas.PatientEmail["x-personal-data"],
    verdict: "MAJOR",
    says: /^payload\.patientEmail is no longer personal data: breaks notifications/,
    breaks: ["notifications"],
  },
  "a field inside of a list that becomes personal data": {
    change: (schemas) => schemas.LocalTime["x-personal-data"] = true,
    verdict: "MAJOR",
    says: /^payload\.workingHours\[\*\]\.start is personal data now/,
  },
  "retries in another order": {
    change: (_s, _p, consumer) => rabbit(consumer).retry.delays.reverse(),
    verdict: "MAJOR",
    says: /^retries of audit after 10m, 1m, 10s, 1s.*retried after other times/,
    breaks: ["audit"],
  },
  "a server is somewhere else": {
    change: (_, producer) => producer.servers.production.host = "rabbit.example.com",
    verdict: "MINOR",
    says: /^server production host .* → rabbit\.example\.com/,
  },
  "another maximum length": {
    change: (_s, _p, consumer) => rabbit(consumer).arguments["x-max-length"] = 20000,
    verdict: "MAJOR",
    says: /^x-max-length of apt\.audit\.queue 10000 → 20000: breaks audit .*can't be redeclared/,
    breaks: ["audit"],
  },
  "an argument more": {
    change: (_s, _p, consumer) => rabbit(consumer).arguments["x-single-active-consumer"] = true,
    verdict: "MAJOR",
    says: /^x-single-active-consumer of apt\.audit\.queue none → true: .*can't be redeclared/,
    breaks: ["audit"],
  },
  "an argument less": {
    change: (_s, _p, consumer) => delete rabbit(consumer).arguments["x-delivery-limit"],
    verdict: "MAJOR",
    says: /^x-delivery-limit of apt\.audit\.queue 100 → none: .*can't be redeclared/,
    breaks: ["audit"],
  },
  "an argument of a dead-letter queue": {
    change: (_s, _p, consumer) => rabbit(consumer).deadLetter.arguments["x-max-length"] = 1,
    verdict: "MAJOR",
    says: /^x-max-length of apt\.audit\.dlq none → 1: .*can't be redeclared/,
    breaks: ["audit"],
  },
  "a queue that is not durable": {
    change: (_s, _p, consumer) => consumer.channels.auditQueue.bindings.amqp.queue.durable = false,
    verdict: "MAJOR",
    says: /^queue durable true → false: .*can't be redeclared/,
    breaks: ["audit"],
  },
  "a queue with another name": {
    change: (_s, _p, consumer) => consumer.channels.auditQueue.bindings.amqp.queue.name = "apt.trail.queue",
    verdict: "MAJOR",
    says: /^queue name apt\.audit\.queue → apt\.trail\.queue: breaks audit .*move its messages/,
    breaks: ["audit"],
  },
  "a binding more": {
    change: (_s, _p, consumer) => rabbit(consumer, "calendar").bindings.push(rabbit(consumer).bindings[1]),
    verdict: "MINOR",
    says: /^calendar is bound to appointments\.ex by doctor\.\* too/,
  },
  "a binding less": {
    change: (_s, _p, consumer) => rabbit(consumer).bindings.pop(),
    verdict: "MAJOR",
    says: /^audit is no longer bound to appointments\.ex by doctor\.\*: breaks audit .*until it is removed there/,
    breaks: ["audit"],
  },
  "another dead-letter queue": {
    change: (_s, _p, consumer) => rabbit(consumer).deadLetter.queue = "apt.trail.dlq",
    verdict: "MAJOR",
    says: /^dead-letter queue of audit apt\.audit\.dlq → apt\.trail\.dlq/,
    breaks: ["audit"],
  },
  "another dead-letter exchange": {
    change: (_s, _p, consumer) => consumer["x-rabbitmq"].exchanges.deadLetter.name = "dlx",
    verdict: "MAJOR",
    says: /^deadLetter exchange: name DLX → dlx/,
    breaks: JOBS,
  },
  "another retry exchange": {
    change: (_s, _p, consumer) => rabbit(consumer).retry.exchange = "again.ex",
    verdict: "MAJOR",
    says: /^retry exchange of audit changed: breaks audit/,
    breaks: ["audit"],
  },
  "one retry more": {
    change: (_s, _p, consumer) => rabbit(consumer).retry.delays.push("1h"),
    verdict: "MINOR",
    says: /^retries of audit after 1s, 10s, 1m, 10m, 1h/,
  },
  "one retry less": {
    change: (_s, _p, consumer) => rabbit(consumer).retry.delays.pop(),
    verdict: "MAJOR",
    says: /^retries of audit after 1s, 10s, 1m, not .*stays until it is deleted/,
    breaks: ["audit"],
  },
  "a job that goes": {
    change: (_s, _p, consumer) => delete consumer.operations.analytics,
    verdict: "MAJOR",
    says: /^job analytics removed: breaks analytics .*delete it/,
    breaks: ["analytics"],
  },
  "a job that comes": {
    change: (_s, _p, consumer) => consumer.operations.billing = structuredClone(consumer.operations.analytics),
    verdict: "MINOR",
    says: /^job added/,
  },
  "a job that reads more": {
    change: (_s, _p, consumer) => consumer.operations.analytics["x-reads"].appointmentCreated.push("payload.locale"),
    verdict: "MINOR",
    says: /^analytics reads payload\.locale of appointmentCreated/,
  },
  "a job that reads less": {
    change: (_s, _p, consumer) => consumer.operations.audit["x-reads"].appointmentCreated.pop(),
    verdict: "MINOR",
    says: /^audit no longer reads payload\.overbooked of appointmentCreated/,
  },
  "a job that no longer receives an event": {
    change: (_s, _p, consumer) => delete consumer.operations.audit["x-reads"].doctorUpdated,
    verdict: "MAJOR",
    says: /^audit no longer receives doctorUpdated/,
    breaks: ["audit"],
  },
  "other words for a job": {
    change: (_s, _p, consumer) => consumer.operations.audit.summary = "Keeps the trail.",
    verdict: "PATCH",
    says: /^audit summary changed; words only/,
  },
  "another example": {
    change: (_, producer) => producer.components.messages.doctorUpdated.examples[0].payload.payload.name = "Dr. B",
    verdict: "PATCH",
    says: /^examples changed; words only/,
  },
};

function addEvent(producer: Document, name: string): void {
  const { appointmentArrived } = producer.components.messages;
  producer.components.messages.another = { ...structuredClone(appointmentArrived), name };
  producer.channels.another = {
    ...structuredClone(producer.channels.appointmentArrived),
    address: name,
    messages: { another: { $ref: "#/components/messages/another" } },
  };
  producer.operations.publishAnother = {
    action: "send",
    channel: { $ref: "#/channels/another" },
    messages: [{ $ref: "#/channels/another/messages/another" }],
  };
}
