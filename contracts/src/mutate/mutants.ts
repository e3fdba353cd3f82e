import { answerTable } from "./answer-mutants.ts";
import { deliveryTable } from "./delivery-mutants.ts";
import { documentTable } from "./document-mutants.ts";
import { type Edit, remove, replace, set } from "./edit.ts";
import { meaningTable } from "./meaning-mutants.ts";

export interface Change {
  area: string;
  what: string;
  edits: Edit[];
  /** Has to leave every command green. */
  harmless: boolean;
  /** The command that has to find it, where another one would only by chance. */
  by?: string;
}

const P = "asyncapi.yaml";
const C = "consumer/asyncapi.yaml";
const schemas = "/components/schemas";
const created = `${schemas}/AppointmentCreated/properties`;
const trait = "/components/messageTraits/domainEvent";
const createdBinding = "/components/messages/appointmentCreated/bindings/amqp";
const publishCreated = "/operations/publishAppointmentCreated";
const auditQueue = "/channels/auditQueue/x-rabbitmq";

const outbox = "producer/src/outbox/outbox-store.ts";
const toMessage = "producer/src/outbox/to-message.ts";
const publisher = "producer/src/amqp/publisher.ts";
const book = "producer/src/domain/book-appointment.ts";
const reschedule = "producer/src/domain/reschedule-appointment.ts";
const contact = "producer/src/domain/change-contact.ts";
const course = "producer/src/domain/course-of-visit.ts";
const doctorChanged = "producer/src/domain/doctor-changed.ts";

const jobs = "consumer/src/jobs";
const decision = `${jobs}/notifications/decision.ts`;
const auditPact = "contracts/pacts/appointment-audit-appointment-producer.json";

/** What the outbox keeps instead of the event. */
function serialized(instead: string): Edit {
  return replace(outbox, "body: JSON.stringify(event),", `body: ${instead},`);
}

/** A statement of the publisher that publishes something else besides. */
function publishes(what: string): string {
  return `channel.publish(options.exchange, ${what}, properties);`;
}

type Row = [what: string, ...edits: Edit[]];

const table: Record<string, Row[]> = {
  "producer's document": [
    ["patientEmail no longer required", set(P, `${created}/payload/required`, ["doctorId", "appointmentDate"])],
    [
      "doctorId of a cancellation no longer required",
      set(P, `${schemas}/AppointmentCancelled/properties/payload/required`, ["appointmentDate", "durationMinutes"]),
    ],
    [
      "length of a moved visit no longer required",
      set(P, `${schemas}/AppointmentRescheduled/properties/payload/required`, [
        "doctorId",
        "appointmentDate",
        "previousDoctorId",
        "previousAppointmentDate",
        "previousDurationMinutes",
      ]),
    ],
    [
      "a doctor's exceptions may be absent",
      set(P, `${schemas}/DoctorUpdated/properties/payload/required`, ["name", "email", "timeZone", "workingHours"]),
    ],
    ["eventId gone", remove(P, `${created}/eventId`)],
    ["patientPhone gone", remove(P, `${created}/payload/properties/patientPhone`)],
    ["locale may be null", set(P, `${schemas}/Locale/type`, ["string", "null"])],
    ["telephone numbers of any shape", remove(P, `${schemas}/PatientPhone/pattern`)],
    ["visits of up to a day", set(P, `${schemas}/DurationMinutes/maximum`, 1440)],
    ["half minutes", set(P, `${schemas}/DurationMinutes/type`, "number")],
    ["the day of a visit instead of its time", set(P, `${schemas}/AppointmentDate/format`, "date")],
    ["times without a format", remove(P, `${schemas}/Timestamp/format`)],
    ["appointments with any id", remove(P, `${schemas}/AggregateId/format`)],
    ["longer ids of doctors", set(P, `${schemas}/DoctorId/maxLength`, 128)],
    ["versions from 0 on", set(P, `${schemas}/AggregateVersion/minimum`, 0)],
    ["weekdays from 0 on", set(P, `${schemas}/WorkingInterval/properties/weekday/minimum`, 0)],
    ["seconds in working hours", set(P, `${schemas}/LocalTime/pattern`, "^[0-9]{2}:[0-9]{2}:[0-9]{2}$")],
    [
      "another party that cancels",
      set(P, `${schemas}/AppointmentCancelled/properties/payload/properties/cancelledBy/enum`, [
        "patient",
        "doctor",
        "clinic",
        "system",
      ]),
    ],
    ["created is version 2", set(P, `${created}/version/const`, 2)],
    ["created is called booked", set(P, `${created}/eventName/const`, "appointment.booked")],
    ["another routing key", set(P, "/channels/appointmentCreated/address", "appointment.booked")],
    [
      "another exchange for one event",
      set(P, "/channels/appointmentCancelled/bindings/amqp/exchange/name", "cancellations.ex"),
    ],
    ["a fanout exchange", set(P, "/channels/appointmentCreated/bindings/amqp/exchange/type", "fanout")],
    [
      "an exchange that a restart forgets",
      set(P, "/channels/appointmentCreated/bindings/amqp/exchange/durable", false),
    ],
    ["another content type", set(P, `${trait}/contentType`, "application/cloudevents+json")],
    ["header x-event-version is text", set(P, `${trait}/headers/properties/x-event-version/type`, "string")],
    ["header x-event-version no longer required", remove(P, `${trait}/headers/required`)],
    ["another encoding", set(P, `${createdBinding}/contentEncoding`, "gzip")],
    ["another message type", set(P, `${createdBinding}/messageType`, "AppointmentCreated")],
    ["messages that a restart forgets", set(P, `${publishCreated}/bindings/amqp/deliveryMode`, 1)],
    ["created is received instead of sent", set(P, `${publishCreated}/action`, "receive")],
    ["doctors are no longer published", remove(P, "/operations/publishDoctorUpdated")],
  ],
  "consumer's document": [
    [
      "analytics reads doctorId unsaid",
      set(C, "/operations/analytics/x-reads/appointmentCreated", [
        "eventId",
        "aggregateVersion",
        "correlationId",
        "payload.appointmentDate",
      ]),
    ],
    ["audit says that it reads the locale", set(C, "/operations/audit/x-reads/appointmentCreated/7", "payload.locale")],
    [
      "calendar reads a field that nobody sends",
      set(C, "/operations/calendar/x-reads/appointmentCancelled/4", "payload.room"),
    ],
    [
      "notifications no longer receives cancellations",
      remove(C, "/operations/notifications/x-reads/appointmentCancelled"),
    ],
    ["calendar sends instead of receiving", set(C, "/operations/calendar/action", "send")],
    [
      "calendar's queue bound to a key that nobody sends",
      set(C, "/channels/calendarQueue/x-rabbitmq/bindings/0/routingKey", "calendar.*"),
    ],
    [
      "analytics' queue bound to another event",
      set(C, "/channels/analyticsQueue/x-rabbitmq/bindings/0/routingKey", "appointment.cancelled"),
    ],
    ["availability's queue without the doctors", remove(C, "/channels/availabilityQueue/x-rabbitmq/bindings/1")],
    ["audit's queue bound to another exchange", set(C, `${auditQueue}/bindings/0/exchange`, "visits.ex")],
    ["audit's queue under another name", set(C, "/channels/auditQueue/bindings/amqp/queue/name", "apt.trail.queue")],
    ["audit's queue forgotten by a restart", set(C, "/channels/auditQueue/bindings/amqp/queue/durable", false)],
    ["a full queue drops its oldest", set(C, `${auditQueue}/arguments/x-overflow`, "drop-head")],
    ["a shorter queue", set(C, `${auditQueue}/arguments/x-max-length`, 5000)],
    ["a classic queue", set(C, `${auditQueue}/arguments/x-queue-type`, "classic")],
    ["no delivery limit", remove(C, `${auditQueue}/arguments/x-delivery-limit`)],
    ["dead letters to an exchange that is not there", set(C, `${auditQueue}/arguments/x-dead-letter-exchange`, "DLQ")],
    [
      "dead letters to another job's queue",
      set(C, `${auditQueue}/arguments/x-dead-letter-routing-key`, "apt.calendar.dlq"),
    ],
    ["dead-letter queue under another name", set(C, `${auditQueue}/deadLetter/queue`, "apt.audit.dead")],
    ["a delay that is none", set(C, `${auditQueue}/retry/delays/3`, "soon")],
    ["a retry exchange that fans out", set(C, "/x-rabbitmq/exchanges/retry/type", "fanout")],
  ],
  "pacts and generated code": [
    [
      "audit's pact with another routing key",
      set(auditPact, "/interactions/0/metadata/routingKey", "appointment.archived"),
    ],
    ["audit's pact with another exchange", set(auditPact, "/interactions/0/metadata/exchange", "visits.ex")],
    [
      "audit's pact with a field that nobody sends",
      set(auditPact, "/interactions/0/contents/content/payload/room", "12"),
    ],
    [
      "the producer's generated routing key by hand",
      replace("producer/src/generated/topology.ts", "appointments.ex", "visits.ex"),
    ],
    [
      "the consumer's generated reader by hand",
      replace(
        "consumer/src/generated/jobs.ts",
        "notificationsAppointmentCreatedSchema = v.object",
        "notificationsAppointmentCreatedSchema = v.strictObject",
      ),
    ],
  ],
  serializer: [
    ["a field that nobody declared", serialized("JSON.stringify({ ...event, source: 'api' })")],
    [
      "a payload field that nobody declared",
      serialized("JSON.stringify({ ...event, payload: { ...event.payload, room: 1 } })"),
    ],
    ["no eventId", serialized("JSON.stringify({ ...event, eventId: undefined })")],
    ["no correlationId", serialized("JSON.stringify({ ...event, correlationId: undefined })")],
    ["no aggregateVersion", serialized("JSON.stringify({ ...event, aggregateVersion: undefined })")],
    ["no actor", serialized("JSON.stringify({ ...event, actor: undefined })")],
    [
      "null for what is unknown",
      serialized("JSON.stringify({ ...event, payload: { locale: null, ...event.payload } })"),
    ],
    ["another version", serialized("JSON.stringify({ ...event, version: 2 })")],
    ["the version as text", serialized("JSON.stringify({ ...event, version: '1' })")],
    ["the time as a number", serialized("JSON.stringify({ ...event, timestamp: Date.parse(event.timestamp) })")],
    ["the time without an offset", serialized("JSON.stringify({ ...event, timestamp: event.timestamp.slice(0, 19) })")],
    ["appointmentDate renamed", serialized("JSON.stringify(event).replace('\"appointmentDate\"', '\"date\"')")],
    ["patientEmail renamed", serialized("JSON.stringify(event).replace('\"patientEmail\"', '\"email\"')")],
    [
      "the length as text",
      serialized('JSON.stringify(event).replace(/"durationMinutes":(\\d+)/, \'"durationMinutes":"$1"\')'),
    ],
    ["the event inside an array", serialized("JSON.stringify([event])")],
    ["the payload without its envelope", serialized("JSON.stringify(event.payload)")],
    [
      "the event's name in capitals",
      serialized("JSON.stringify({ ...event, eventName: event.eventName.toUpperCase() })"),
    ],
  ],
  "relay's properties": [
    ["message_id is the row's number", replace(toMessage, "messageId: row.eventId", "messageId: row.id")],
    ["type is the application's name", replace(toMessage, "type: row.eventName", 'type: "appointments"')],
    ["no type", replace(toMessage, "      type: row.eventName,\n", "")],
    [
      "correlation_id is the event's id",
      replace(toMessage, "correlationId: row.correlationId", "correlationId: row.eventId"),
    ],
    ["no timestamp", replace(toMessage, "      timestamp: Math.floor(row.occurredAt.getTime() / 1000),\n", "")],
    [
      "timestamp in milliseconds",
      replace(toMessage, "Math.floor(row.occurredAt.getTime() / 1000)", "row.occurredAt.getTime()"),
    ],
    ["another app_id", replace(toMessage, 'appId: "appointment-producer"', 'appId: "relay"')],
    ["no content type", replace(toMessage, "      contentType,\n", "")],
    ["another content encoding", replace(toMessage, "      contentEncoding,\n", '      contentEncoding: "latin1",\n')],
    ["messages that a restart forgets", replace(toMessage, "persistent: true", "persistent: false")],
    ["no headers", replace(toMessage, "headers: row.headers", "headers: {}")],
    [
      "a header that no trait declares",
      replace(toMessage, "headers: row.headers", 'headers: { ...row.headers, "x-origin": "relay" }'),
    ],
    [
      "x-event-version as text",
      replace(outbox, '"x-event-version": event.version', '"x-event-version": String(event.version)'),
    ],
    [
      "another routing key",
      replace(toMessage, "routingKey: routingKeys[row.eventName]", "routingKey: `${routingKeys[row.eventName]}.v1`"),
    ],
    ["bytes that are not UTF-8", replace(publisher, 'Buffer.from(body, "utf8")', 'Buffer.from(body, "latin1")')],
    [
      "every message twice",
      replace(
        publisher,
        "          channel.publish(",
        `          ${publishes("routingKey, Buffer.from(body)")}\n          channel.publish(`,
      ),
    ],
    [
      "an event beside each that nobody described",
      replace(
        publisher,
        "          channel.publish(",
        `          ${
          publishes(`"clinic.noted", Buffer.from('{"eventName":"clinic.noted"}')`)
        }\n          channel.publish(`,
      ),
    ],
    [
      "published to another exchange",
      replace(publisher, "channel.publish(options.exchange,", 'channel.publish("amq.topic",'),
    ],
  ],
  "producer's decisions": [
    [
      "created without the telephone number",
      replace(
        book,
        "...omitUndefined({ patientPhone }), ...common",
        "...common",
      ),
    ],
    ["overbooked is never said", replace(book, "overbooked: overbook || undefined", "overbooked: undefined")],
    [
      "moved without the time before",
      replace(reschedule, "        previousAppointmentDate: formatLocal(current.startsAt, current.timeZone),\n", ""),
    ],
    [
      "a change of the language is not told",
      replace(
        contact,
        'contactFields = ["patientEmail", "patientPhone", "patientName", "locale"] as const',
        'contactFields = ["patientEmail", "patientPhone", "patientName"] as const',
      ),
    ],
    [
      "what was removed is not told",
      replace(contact, "...(removed.length > 0 ? { removed } : {})", ""),
    ],
    [
      "cancelled without the reason",
      replace(course, "durationMinutes, cancelledBy, reasonCode }),", "durationMinutes, cancelledBy }),"),
    ],
    [
      "cancelled without the length",
      replace(
        course,
        "...placeAndTime(current), durationMinutes, cancelledBy",
        "...placeAndTime(current), cancelledBy",
      ),
    ],
    [
      "a doctor without the telephone number",
      replace(doctorChanged, "        phone,\n", "        phone: undefined,\n"),
    ],
    ["a doctor who retired is never said to have", replace(doctorChanged, "retiredAt ? true : undefined", "undefined")],
  ],
  jobs: [
    [
      "analytics counts for nobody",
      replace(`${jobs}/analytics/analytics.ts`, "doctorId: payload.doctorId", 'doctorId: ""'),
    ],
    [
      "analytics takes the booking for the visit",
      replace(
        `${jobs}/analytics/analytics.ts`,
        "startsAt: new Date(payload.appointmentDate)",
        "startsAt: new Date(timestamp)",
      ),
    ],
    [
      "analytics reads a field that it did not ask for",
      replace(
        `${jobs}/analytics/analytics.ts`,
        "doctorId: payload.doctorId",
        "doctorId: (payload as unknown as { room: { name: string } }).room.name",
      ),
    ],
    [
      "audit forgets who asked",
      replace(`${jobs}/audit/audit.ts`, "isIdentifier(event.actor) ? event.actor : undefined", "undefined"),
    ],
    [
      "audit forgets the correlation",
      replace(`${jobs}/audit/audit.ts`, "        correlationId: event.correlationId,\n", ""),
    ],
    [
      "availability takes an hour for granted",
      replace(`${jobs}/availability/visit.ts`, "durationMinutes = 30", "durationMinutes = 60"),
    ],
    [
      "availability keeps cancelled visits",
      replace(
        `${jobs}/availability/visit.ts`,
        '[eventNames.appointmentCancelled]: "cancelled"',
        '[eventNames.appointmentCancelled]: "booked"',
      ),
    ],
    [
      "availability ignores doctors",
      replace(
        `${jobs}/availability/availability.ts`,
        "return decideDoctor(event, doctor, supersedes);",
        "return older;",
      ),
    ],
    [
      "calendar shows cancelled visits",
      replace(`${jobs}/calendar/calendar.ts`, "if (!place || cancelled)", "if (!place)"),
    ],
    [
      "calendar leaves a moved visit with the doctor before",
      replace(`${jobs}/calendar/visit.ts`, "[event.payload.previousDoctorId, doctorId]", "[doctorId]"),
    ],
    [
      "notifications does not tell of a new number",
      replace(decision, 'channels.push("sms")', 'channels.push("email")'),
    ],
    [
      "notifications says nothing of a cancellation",
      replace(decision, 'messages: toBoth("cancelled", visit, doctor)', "messages: []"),
    ],
    [
      "the consumer refuses events without eventId",
      replace(
        "consumer/src/delivery/message.ts",
        "const event = parseWith(schema, current);",
        'const event = parseWith(schema, current);\n  if (!event.eventId) throw new PermanentError("no-event-id", "no eventId");',
      ),
    ],
    [
      "the consumer binds no queue",
      replace(
        "consumer/src/broker/topology.ts",
        "await channel.bindQueue(queue.name, exchange, routingKey)",
        "void [exchange, routingKey]",
      ),
    ],
  ],
};

const harmlessTable: Record<string, Row[]> = {
  "producer's document": [
    ["another title", set(P, "/components/messages/appointmentCreated/title", "Visit booked")],
    [
      "another description, of which the changelog tells",
      set(P, "/components/messages/appointmentCreated/summary", "A visit was booked."),
      replace("CHANGELOG.md", "# Changelog\n", "# Changelog\n\n- `appointment.created` means what it meant.\n"),
    ],
    [
      "a new optional field",
      set(P, `${created}/payload/properties/room`, {
        type: "string",
        maxLength: 20,
        description: "Where the visit takes place.",
      }),
    ],
    ["a new example", set(P, "/components/messages/appointmentArrived/examples/0/payload/correlationId", "req-0042")],
  ],
  "consumer's document": [["another summary", set(C, "/operations/audit/summary", "Keeps who did what.")]],
  "producer's code": [
    ["the fields of the body in another order", serialized("JSON.stringify({ payload: event.payload, ...event })")],
    ["a comment", replace(toMessage, "/** The AMQP form", "/** The AMQP 0-9-1 form")],
  ],
  jobs: [[
    "another reason to ignore",
    replace(`${jobs}/analytics/analytics.ts`, "this booking is counted already", "counted before"),
  ]],
};

export const mutants = [
  ...rows(table, false),
  ...rows(documentTable, false).map((change) => ({ ...change, by: "diff HEAD" })),
  ...rows({ ...meaningTable, ...deliveryTable, ...answerTable }, false).map((change) => ({ ...change, by: "prove" })),
];
export const harmlessChanges = rows(harmlessTable, true);

function rows(areas: Record<string, Row[]>, harmless: boolean): Change[] {
  return Object.entries(areas).flatMap(([area, all]) =>
    all.map(([what, ...edits]) => ({ area, what, edits, harmless }))
  );
}
