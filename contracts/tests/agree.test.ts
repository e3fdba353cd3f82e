import { describe, expect, it } from "vitest";
import { agreeProblems } from "../src/agree/agree.ts";
import { bundledContract } from "../src/bundled-contract.ts";
import { loadContract } from "../src/contract.ts";
import { readPacts } from "../src/pact-files.ts";
import { parsePacts } from "../src/pacts.ts";
import { line } from "../src/render/text.ts";
import { traced } from "../src/validate/validate.ts";
import { workingTree } from "../src/working-tree.ts";
import { type Document, edited, FIXTURE, ROOT } from "./support/project.ts";

interface Plant {
  producer: Document;
  consumer: Document;
  /** The bundled documents that the consumer's code was generated from. */
  generated: Document;
  /** Every pact, by its job. */
  pacts: Record<string, Document>;
  /** An interaction's own parts, with everything that the job reads. */
  interaction(job: string, eventName: string): { body: Document; rules: Document; metadata: Document; whole: Document };
}

const bundled = loadContract(edited(() => {}));

/** What `agree` says about the fixture's documents and pacts after an edit, file names shortened. */
function findings(plant: (parts: Plant) => void): string[] {
  const files = readPacts(FIXTURE);
  const pacts: Record<string, Document> = {};
  const names = new Map<string, string>();
  for (const [name, text] of files) {
    const pact = JSON.parse(text);
    const job = pact.consumer.name.replace("appointment-", "");
    pacts[job] = pact;
    names.set(job, name);
  }
  const generated = structuredClone(bundled);
  const documents = edited((producer, consumer) => {
    const interaction: Plant["interaction"] = (job, eventName) => {
      const whole = pacts[job].interactions.find((one: Document) =>
        one.description.startsWith(`${eventName} with every`)
      );
      const { contents, matchingRules, metadata } = whole;
      return { body: contents.content, rules: matchingRules.body, metadata, whole };
    };
    plant({ producer, consumer, generated: generated.consumer, pacts, interaction });
  });
  const planted = new Map(
    [...names].flatMap(([job, name]) => job in pacts ? [[name, JSON.stringify(pacts[job])]] : []),
  );
  const read = (path: string) => planted.get(path.replace("contracts/pacts/", "")) ?? documents(path);
  return traced(agreeProblems(loadContract(read), generated, parsePacts(planted)), read)
    .map((finding) =>
      line(finding).replace("contracts/pacts/appointment-", "").replace("-appointment-producer.json", "")
    );
}

const PLANTED: Record<string, [(parts: Plant) => void, ...RegExp[]]> = {
  "a field of the payload that nobody sends": [
    ({ interaction }) => interaction("audit", "appointment.created").body.payload.room = "2",
    /^audit#\/interactions\/\d+\/contents\/content\/payload\/room: is not declared in the schema: the producer never sends/,
    /payload\/room: is not in the x-reads of audit for appointmentCreated$/,
  ],
  "a field of the envelope that nobody sends": [
    ({ interaction }) => interaction("audit", "appointment.created").body.tenant = "a",
    /content\/tenant: is not declared/,
    /content\/tenant: is not in the x-reads/,
  ],
  "an undeclared field inside a list": [
    ({ interaction }) => interaction("availability", "doctor.updated").body.payload.workingHours[0].room = "2",
    /payload\/workingHours\/0\/room: is not declared/,
  ],
  "a declared field that x-reads does not list": [
    ({ interaction }) => {
      const { body, rules } = interaction("analytics", "appointment.created");
      body.payload.durationMinutes = 30;
      rules["$.payload.durationMinutes"] = { combine: "AND", matchers: [{ match: "integer" }] };
    },
    /payload\/durationMinutes: is not in the x-reads of analytics for appointmentCreated$/,
  ],
  "a field in x-reads that no interaction expects": [
    ({ consumer }) => consumer.operations.analytics["x-reads"].appointmentCreated.push("payload.locale"),
    /^consumer\/asyncapi\.yaml#\/operations\/analytics\/x-reads\/appointmentCreated\/5: no interaction .* expects payload\.locale$/,
  ],
  "an example of another type": [
    ({ interaction }) => interaction("audit", "appointment.created").body.aggregateVersion = "2",
    /aggregateVersion: must be integer: the producer never sends this$/,
  ],
  "an example that its format refuses": [
    ({ interaction }) => interaction("audit", "appointment.created").body.timestamp = "garbage-not-a-date",
    /timestamp: must match format "date-time": the producer never sends this$/,
  ],
  "an example outside of the bounds": [
    ({ interaction }) => interaction("calendar", "appointment.created").body.payload.durationMinutes = 481,
    /durationMinutes: must be <= 480/,
  ],
  "another version of the event": [
    ({ interaction }) => interaction("audit", "appointment.created").body.version = 2,
    /version: must be 1: the producer never sends this$/,
    /version: expects exactly 2: narrower/,
  ],
  "a fixed value where the schema allows others": [
    ({ interaction }) => delete interaction("audit", "appointment.created").rules["$.payload.doctorId"],
    /payload\/doctorId: expects exactly "dr-lovelace": narrower than the schema, which allows/,
  ],
  "a regular expression that is narrower than a pattern": [
    ({ interaction }) =>
      interaction("audit", "appointment.created").rules["$.payload.doctorId"].matchers[0].regex = "^dr-[a-z]+$",
    /payload\/doctorId: matches .*\^dr-.* only: narrower than the schema/,
  ],
  "a regular expression that wants UTC": [
    ({ interaction }) => interaction("audit", "appointment.created").rules["$.timestamp"].matchers[0].regex = "Z$",
    /content\/timestamp: matches .* only: narrower/,
  ],
  "a regular expression that knows one value of three": [
    ({ interaction }) =>
      interaction("audit", "appointment.cancelled").rules["$.payload.cancelledBy"].matchers[0].regex =
        "^(patient|clinic)$",
    /payload\/cancelledBy: matches .* allows "doctor"$/,
  ],
  "a Java date pattern for a date-time": [
    ({ interaction }) =>
      interaction("audit", "appointment.created").rules["$.timestamp"].matchers[0] = {
        match: "timestamp",
        format: "yyyy-MM-dd'T'HH:mm:ss.SSSX",
      },
    /content\/timestamp: matches .*SSSX.* only: narrower/,
  ],
  "a list that must not be empty": [
    ({ interaction }) =>
      interaction("availability", "doctor.updated").rules["$.payload.workingHours"].matchers[0].min = 1,
    /payload\/workingHours: matches .*"min":1.* allows \[\]$/,
  ],
  "a list that must be short": [
    ({ interaction }) =>
      interaction("availability", "doctor.updated").rules["$.payload.workingHours"].matchers[0].max = 7,
    /payload\/workingHours: matches .*"max":7.* only: narrower/,
  ],
  "a decimal where the schema has integers": [
    ({ interaction }) =>
      interaction("audit", "appointment.created").rules["$.aggregateVersion"].matchers[0].match = "decimal",
    /aggregateVersion: matches .*decimal.* only: narrower/,
  ],
  "a part of a text": [
    ({ interaction }) =>
      interaction("notifications", "appointment.created").rules["$.payload.patientEmail"].matchers[0] = {
        match: "include",
        value: "@example.org",
      },
    /payload\/patientEmail: matches .*include.* only: narrower/,
  ],
  "a matcher that is not understood": [
    ({ interaction }) => interaction("audit", "appointment.created").rules["$.timestamp"].matchers[0].match = "semver",
    /timestamp: has a matcher that is not understood: .*semver/,
  ],
  "a wrong exchange": [
    ({ interaction }) => interaction("audit", "appointment.created").metadata.exchange = "appointments",
    /metadata\/exchange: is "appointments", the documents say "appointments\.ex"$/,
  ],
  "a wrong routing key": [
    ({ interaction }) => interaction("audit", "appointment.created").metadata.routingKey = "appointment.booked",
    /metadata\/routingKey: is "appointment\.booked", the documents say "appointment\.created"$/,
  ],
  "no routing key": [
    ({ interaction }) => delete interaction("audit", "appointment.created").metadata.routingKey,
    /#\/interactions\/\d+\/metadata: is null, the documents say "appointment\.created"$/,
  ],
  "a wrong content type": [
    ({ interaction }) => interaction("audit", "appointment.created").metadata.contentType = "application/xml",
    /metadata\/contentType: is "application\/xml", the documents say "application\/json"$/,
  ],
  "a wrong content type of the body": [
    ({ interaction }) => interaction("audit", "appointment.created").whole.contents.contentType = "text/plain",
    /contents\/contentType: is text\/plain/,
  ],
  "a header that no trait declares": [
    ({ interaction }) => interaction("audit", "appointment.created").metadata["x-tenant"] = "a",
    /metadata\/x-tenant: is a header that no message trait declares$/,
  ],
  "a declared header of another type": [
    ({ interaction }) => interaction("audit", "appointment.created").metadata["x-event-version"] = "one",
    /metadata\/x-event-version: must be integer$/,
  ],
  "a header that the trait has dropped": [
    ({ producer, interaction }) => {
      delete producer.components.messageTraits.domainEvent.headers.properties.tracestate;
      interaction("audit", "appointment.created").metadata.tracestate = "a=b";
    },
    /metadata\/tracestate: is a header that no message trait declares$/,
  ],
  "a flipped action of the consumer": [
    ({ consumer }) => consumer.operations.analytics.action = "send",
    /^consumer\/asyncapi\.yaml#\/operations\/analytics\/action: is "send", in this document it must be "receive"$/,
    /^analytics#\/consumer\/name: consumer\/asyncapi\.yaml has no operation that receives as analytics$/,
  ],
  "an operation of the producer that receives": [
    ({ producer }) => producer.operations.again = { ...producer.operations.publishDoctorUpdated, action: "receive" },
    /^asyncapi\.yaml#\/operations\/again\/action: is "receive", in this document it must be "send"$/,
  ],
  "a queue that is bound to a key that nobody sends": [
    ({ consumer }) =>
      consumer.channels.analyticsQueue["x-rabbitmq"].bindings.push({
        exchange: "appointments.ex",
        routingKey: "visit.*",
      }),
    /x-rabbitmq\/bindings\/1\/routingKey: is bound to visit\.\*, a key that nobody sends$/,
  ],
  "a renamed routing key": [
    ({ producer }) => producer.channels.doctorUpdated.address = "doctor.changed",
    /^(notifications|availability|audit)#\/interactions\/\d+\/metadata\/routingKey: is "doctor\.updated", the documents say/,
    ...Array(5).fill(/metadata\/routingKey/),
  ],
  "an event that the producer has stopped sending": [
    ({ producer }) => delete producer.operations.publishAppointmentNoShow,
    ...Array(8).fill(/contents\/content\/eventName: expects appointment\.no_show, which the producer does not send$/),
  ],
  "an event that the job does not receive": [
    ({ interaction, pacts }) =>
      pacts.analytics.interactions.push(structuredClone(interaction("calendar", "appointment.arrived").whole)),
    /^analytics#\/interactions\/2\/contents\/content\/eventName: expects appointment\.arrived, which analytics does not receive$/,
  ],
  "a received event that no interaction expects": [
    ({ pacts }) =>
      pacts.audit.interactions = pacts.audit.interactions.filter((one: Document) =>
        !one.description.startsWith("doctor")
      ),
    /operations\/audit\/x-reads\/doctorUpdated: audit receives doctor\.updated, but no pact of appointment-audit expects it$/,
  ],
  "a job without a pact": [
    ({ pacts }) => delete pacts.analytics,
    /operations\/analytics\/x-reads\/appointmentCreated: analytics receives .* but no pact/,
  ],
  "a pact with a provider that is not the producer": [
    ({ pacts }) => pacts.analytics.provider.name = "billing",
    /^analytics#\/provider\/name: is billing, not appointment-producer$/,
  ],
  "a pact of a job that does not exist": [
    ({ pacts }) => pacts.analytics.consumer.name = "appointment-billing",
    /#\/consumer\/name: .* has no operation that receives as billing$/,
    /analytics receives appointment\.created, but no pact/,
  ],
  "a field that the job needs though the producer may omit it": [
    ({ producer }) => {
      const { payload } = producer.components.schemas.AppointmentCreated.properties;
      payload.required = payload.required.filter((field: string) => field !== "patientEmail");
    },
    /x-reads\/appointmentCreated\/3: notifications needs payload\.patientEmail of appointment\.created, which the producer may omit$/,
    /x-reads\/appointmentCreated\/3: every interaction with appointment\.created has payload\.patientEmail, which the producer may omit$/,
  ],
  "a field inside a list that the job needs though the producer may omit it": [
    ({ producer }) => producer.components.schemas.WorkingInterval.required.pop(),
    /x-reads\/doctorUpdated\/4: availability needs payload\.workingHours\.\*\.end of doctor\.updated, which the producer may omit$/,
  ],
  "an optional field without which the job is never tried": [
    ({ pacts }) =>
      pacts.analytics.interactions = pacts.analytics.interactions.filter((one: Document) =>
        !one.description.includes("only the required")
      ),
    ...["eventId", "aggregateVersion", "correlationId"].map((field) =>
      new RegExp(`every interaction with appointment.created has ${field}, which the producer may omit$`)
    ),
  ],
};

describe("agree", () => {
  it("finds no contradiction in what is committed", () => {
    const read = workingTree(ROOT);
    expect(agreeProblems(loadContract(read), bundledContract(read), parsePacts(readPacts(ROOT)))).toEqual([]);
  });

  it("finds none where none is planted", () => expect(findings(() => {})).toEqual([]));

  it.each(Object.entries(PLANTED))("catches %s", (_, [plant, ...expected]) => {
    const found = findings(plant);
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it.each<[string, (parts: Plant) => void]>([
    ["a matcher as wide as can be", ({ interaction }) => {
      const { whole } = interaction("audit", "appointment.created");
      whole.matchingRules.body["$"] = { combine: "AND", matchers: [{ match: "type" }] };
      delete whole.matchingRules.body["$.timestamp"];
    }],
    ["alternatives that together are wide enough", ({ interaction }) => {
      const { rules } = interaction("audit", "appointment.cancelled");
      const matchers = ["patient", "doctor", "clinic"].map((value) => ({ match: "regex", regex: `^${value}$` }));
      rules["$.payload.cancelledBy"] = { combine: "OR", matchers };
    }],
    [
      "a header that the trait declares",
      ({ interaction }) => interaction("audit", "appointment.created").metadata["x-event-version"] = 1,
    ],
    ["another example", ({ interaction }) => interaction("audit", "appointment.created").body.payload.doctorId = "x"],
    [
      "a new optional field of the producer",
      ({ producer }) =>
        producer.components.schemas.AppointmentCreated.properties.payload.properties.room = { type: "string" },
    ],
  ])("lets pass %s", (_, plant) => expect(findings(plant)).toEqual([]));
});
