import { describe, expect, it } from "vitest";
import { loadContract } from "../src/contract.ts";
import { contractProblems, traced, validate } from "../src/validate/validate.ts";
import { workingTree } from "../src/working-tree.ts";
import { line } from "../src/render/text.ts";
import { type Edit, edited, projectWith, ROOT } from "./support/project.ts";

const PLANTED: Record<string, [Edit, ...string[]]> = {
  "an example without a required field": [
    (producer) => delete producer.components.messages.appointmentCreated.examples[0].payload.payload.doctorId,
    "asyncapi.yaml#/components/messages/appointmentCreated/examples/0/payload/payload: must have required property 'doctorId'",
  ],
  "an example whose date is not in the calendar": [
    (producer) =>
      producer.components.messages.appointmentArrived.examples[0].payload.timestamp = "2026-02-31T08:00:00Z",
    'asyncapi.yaml#/components/messages/appointmentArrived/examples/0/payload/timestamp: must match format "date-time"',
  ],
  "an example with a field that the schema does not declare": [
    (producer) => producer.components.messages.appointmentCreated.examples[0].payload.payload.nickname = "Ada",
    "asyncapi.yaml#/components/messages/appointmentCreated/examples/0/payload/payload/nickname: is not declared in the schema",
  ],
  "an undeclared field deep inside an example": [
    (producer) =>
      producer.components.messages.doctorUpdated.examples[0].payload.payload.exceptions[1].intervals[0].room = "2",
    "asyncapi.yaml#/components/messages/doctorUpdated/examples/0/payload/payload/exceptions/1/intervals/0/room: is not declared in the schema",
  ],
  "an example with an undeclared header": [
    (producer) => producer.components.messages.appointmentCreated.examples[0].headers["x-tenant"] = "a",
    "asyncapi.yaml#/components/messages/appointmentCreated/examples/0/headers/x-tenant: is not declared in the schema",
  ],
  "a header that contradicts the body": [
    (producer) => producer.components.messages.appointmentCreated.examples[0].headers["x-event-version"] = 2,
    "asyncapi.yaml#/components/messages/appointmentCreated/examples/0/headers/x-event-version: is 2, but the version in the body is 1",
  ],
  "a message without an example": [
    (producer) => delete producer.components.messages.appointmentNoShow.examples,
    "asyncapi.yaml#/components/messages/appointmentNoShow: has no example",
  ],
  "a misspelt schema keyword": [
    (producer) => producer.components.schemas.AppointmentNoShow.properties.timestamp = { type: "string", maxLenght: 3 },
    'asyncapi.yaml#/components/messages/appointmentNoShow/payload: strict mode: unknown keyword: "maxLenght"',
  ],
  "a misspelt keyword that a trait brings along": [
    (producer) => producer.components.messageTraits.domainEvent.headers.properties.tracestate.maxLenght = 3,
    'asyncapi.yaml#/components/messageTraits/domainEvent/headers: strict mode: unknown keyword: "maxLenght"',
  ],
  "an unknown field in a channel's exchange": [
    (producer) => producer.channels.appointmentCreated.bindings.amqp.exchange.internal = false,
    "asyncapi.yaml#/channels/appointmentCreated/bindings/amqp/exchange/internal: is not a field of the AMQP binding 0.3.0 of channels",
    "asyncapi.yaml#/channels/appointmentCreated/bindings/amqp/exchange/internal: is not declared in the schema",
  ],
  "an unknown field in an operation's binding": [
    (producer) => producer.operations.publishDoctorUpdated.bindings.amqp.persistent = true,
    "asyncapi.yaml#/operations/publishDoctorUpdated/bindings/amqp/persistent: is not a field of the AMQP binding 0.3.0 of operations",
  ],
  "an unknown field in a message's binding": [
    (producer) => producer.components.messages.doctorUpdated.bindings.amqp.priority = 1,
    "asyncapi.yaml#/components/messages/doctorUpdated/bindings/amqp/priority: is not a field of the AMQP binding 0.3.0 of messages",
  ],
  "a binding on a server, where AMQP has none": [
    (producer) => producer.servers.local.bindings = { amqp: { heartbeat: 10 } },
    "asyncapi.yaml#/servers/local/bindings/amqp/heartbeat: is not a field of the AMQP binding 0.3.0 of servers",
  ],
  "an unknown field in a queue": [
    (_, consumer) => consumer.channels.auditQueue.bindings.amqp.queue.arguments = {},
    "consumer/asyncapi.yaml#/channels/auditQueue/bindings/amqp/queue/arguments: is not a field of the AMQP binding 0.3.0 of channels",
  ],
  "a binding of another version": [
    (_, consumer) => consumer.operations.audit.bindings.amqp.bindingVersion = "0.2.0",
    'consumer/asyncapi.yaml#/operations/audit/bindings/amqp/bindingVersion: must be 0.3.0, is "0.2.0"',
  ],
  "a queue channel that names an exchange": [
    (_, consumer) => consumer.channels.auditQueue.bindings.amqp.exchange = { name: "appointments.ex" },
    'consumer/asyncapi.yaml#/channels/auditQueue/bindings/amqp/exchange: does not go with is: "queue"',
  ],
  "a message that the producer does not send": [
    (producer) => delete producer.operations.publishAppointmentNoShow,
    ...["notifications", "availability", "audit", "calendar"].map((job) =>
      `consumer/asyncapi.yaml#/channels/${job}Queue/messages/appointmentNoShow: refers to a message that the producer does not send`
    ),
  ],
  "a message of the consumer's own making": [
    (_, consumer) =>
      consumer.channels.analyticsQueue.messages.appointmentCreated = {
        name: "appointment.created",
        payload: { type: "object" },
      },
    "consumer/asyncapi.yaml#/channels/analyticsQueue/messages/appointmentCreated: is not the producer's message: refer to it by $ref",
  ],
  "a read field of the payload that does not exist": [
    (_, consumer) => consumer.operations.analytics["x-reads"].appointmentCreated.push("payload.room"),
    "consumer/asyncapi.yaml#/operations/analytics/x-reads/appointmentCreated/5: reads payload.room, which appointment.created does not have",
  ],
  "a read field of the envelope that does not exist": [
    (_, consumer) => consumer.operations.analytics["x-reads"].appointmentCreated.push("tenant"),
    "consumer/asyncapi.yaml#/operations/analytics/x-reads/appointmentCreated/5: reads tenant, which appointment.created does not have",
  ],
  "reads of a message that the job does not receive": [
    (_, consumer) => consumer.operations.analytics["x-reads"].doctorUpdated = ["eventId"],
    "consumer/asyncapi.yaml#/operations/analytics/x-reads/doctorUpdated: is a message that the job does not receive",
  ],
  "a received message without reads": [
    (_, consumer) => delete consumer.operations.audit["x-reads"].doctorUpdated,
    "consumer/asyncapi.yaml#/operations/audit/x-reads: says nothing about doctorUpdated, which the job receives",
  ],
  "a field that is read twice": [
    (_, consumer) => consumer.operations.analytics["x-reads"].appointmentCreated.push("eventId"),
    "consumer/asyncapi.yaml#/operations/analytics/x-reads/appointmentCreated/5: lists eventId twice",
  ],
  "an argument that x-rabbitmq does not know": [
    (_, consumer) => consumer.channels.auditQueue["x-rabbitmq"].arguments["x-max-lenght"] = 1,
    "consumer/asyncapi.yaml#/channels/auditQueue/x-rabbitmq/arguments/x-max-lenght: is not declared in the schema",
  ],
  "a queue that drops its oldest messages": [
    (_, consumer) => consumer.channels.auditQueue["x-rabbitmq"].arguments["x-overflow"] = "drop-head",
    'consumer/asyncapi.yaml#/channels/auditQueue/x-rabbitmq/arguments/x-overflow: must be "reject-publish"',
  ],
  "a queue without x-rabbitmq": [
    (_, consumer) => delete consumer.channels.analyticsQueue["x-rabbitmq"],
    ...["stem", "bindings", "arguments", "deadLetter", "retry"].map((field) =>
      `consumer/asyncapi.yaml#/channels/analyticsQueue: must have required property '${field}'`
    ),
  ],
  "a dead-letter argument that contradicts deadLetter": [
    (_, consumer) =>
      consumer.channels.auditQueue["x-rabbitmq"].arguments["x-dead-letter-routing-key"] = "apt.calendar.dlq",
    'consumer/asyncapi.yaml#/channels/auditQueue/x-rabbitmq/arguments/x-dead-letter-routing-key: must be "apt.audit.dlq", as in deadLetter',
  ],
  "a dead-letter exchange that nobody declares": [
    (_, consumer) => {
      consumer.channels.auditQueue["x-rabbitmq"].deadLetter.exchange = "dlx";
      consumer.channels.auditQueue["x-rabbitmq"].arguments["x-dead-letter-exchange"] = "dlx";
    },
    'consumer/asyncapi.yaml#/channels/auditQueue/x-rabbitmq/deadLetter/exchange: must be "DLX", the dead-letter exchange',
  ],
  "a binding to an exchange that nobody publishes to": [
    (_, consumer) => consumer.channels.auditQueue["x-rabbitmq"].bindings[0].exchange = "appointments",
    'consumer/asyncapi.yaml#/channels/auditQueue/x-rabbitmq/bindings/0/exchange: must be "appointments.ex", the producer\'s exchange',
  ],
  "a binding to a key that nobody sends": [
    (_, consumer) =>
      consumer.channels.auditQueue["x-rabbitmq"].bindings.push({
        exchange: "appointments.ex",
        routingKey: "patient.#",
      }),
    "consumer/asyncapi.yaml#/channels/auditQueue/x-rabbitmq/bindings/2/routingKey: is bound to patient.#, a key that nobody sends",
  ],
  "a message that no binding lets through": [
    (_, consumer) => consumer.channels.auditQueue["x-rabbitmq"].bindings.pop(),
    "consumer/asyncapi.yaml#/channels/auditQueue/messages/doctorUpdated: no binding of the queue lets doctor.updated through",
  ],
  "a binding that lets through what the job does not receive": [
    (_, consumer) =>
      consumer.channels.calendarQueue["x-rabbitmq"].bindings.push({
        exchange: "appointments.ex",
        routingKey: "doctor.*",
      }),
    "consumer/asyncapi.yaml#/channels/calendarQueue/x-rabbitmq/bindings: let doctor.updated through, which calendar does not receive",
  ],
  "an exchange that one event does not go to": [
    (producer) => producer.channels.doctorUpdated.bindings.amqp.exchange.name = "doctors.ex",
    "consumer/asyncapi.yaml#/x-rabbitmq/exchanges/source: is appointments.ex, but doctor.updated goes to doctors.ex",
  ],
};

describe("the checks of the effective documents", () => {
  it("find nothing in the committed documents", () => {
    expect(contractProblems(loadContract(workingTree(ROOT)))).toEqual([]);
  });

  it.each(Object.entries(PLANTED))("find %s", (_, [edit, ...expected]) => {
    const read = edited(edit);
    expect(traced(contractProblems(loadContract(read)), read).map(line)).toEqual(expected);
  });
});

describe("validate", { timeout: 120_000 }, () => {
  it("passes the committed documents", async () => {
    expect(await validate(ROOT, workingTree(ROOT))).toEqual([]);
  });

  it("reports what the AsyncAPI parser rejects, at its place", async () => {
    const root = projectWith((producer) => producer.info.license = { identifier: "MIT" });
    const found = (await validate(root, workingTree(root))).map(line);
    expect(found).toContain('asyncapi.yaml#/info/license: "license" property must have required property "name"');
  });

  it("reports a reference to a message that does not exist", async () => {
    const root = projectWith((_, consumer) =>
      consumer.channels.analyticsQueue.messages.appointmentCreated.$ref = "../asyncapi.yaml#/components/messages/booked"
    );
    expect((await validate(root, workingTree(root))).map(line)).toEqual([
      "consumer/asyncapi.yaml#/channels/analyticsQueue/messages/appointmentCreated: refers to ../asyncapi.yaml#/components/messages/booked, which does not exist",
    ]);
  });

  it("reports a file that is not YAML", async () => {
    const read = workingTree(ROOT);
    const found = await validate(ROOT, (path) => path === "asyncapi.yaml" ? "a: [" : read(path));
    expect(found.map(line)).toEqual([expect.stringMatching(/^asyncapi\.yaml: is not YAML/)]);
  });
});
