import { describe, expect, it } from "vitest";
import { loadContract } from "../src/contract.ts";
import { fieldProblems } from "../src/fields/field-problems.ts";
import { fieldReports } from "../src/fields/field-report.ts";
import { readPacts } from "../src/pact-files.ts";
import { type Pact, parsePacts } from "../src/pacts.ts";
import { renderFieldLines, renderFieldsMarkdown } from "../src/render/fields.ts";
import { line } from "../src/render/text.ts";
import { traced } from "../src/validate/validate.ts";
import { workingTree } from "../src/working-tree.ts";
import { type Edit, edited, FIXTURE, ROOT } from "./support/project.ts";

const fixture = parsePacts(readPacts(FIXTURE));

function reportsOf(edit: Edit = () => {}, pacts: Pact[] = fixture) {
  const read = edited(edit);
  const contract = loadContract(read);
  const reports = fieldReports(contract, pacts);
  const of = (eventName: string, field: string) =>
    reports.find((report) => report.event.eventName === eventName && report.field === field);
  return { reports, of, findings: traced(fieldProblems(contract, reports), read).map(line) };
}

describe("fields", () => {
  it("says of each field who is proven to read it", () => {
    const { of } = reportsOf();
    expect(of("appointment.cancelled", "payload.reasonCode")).toMatchObject({
      required: false,
      personal: false,
      readers: [{ job: "audit", proven: true }],
      reaches: ["notifications", "availability", "calendar"],
    });
    expect(of("appointment.created", "payload.patientEmail")).toMatchObject({ required: true, personal: true });
  });

  it("lists what is inside of lists and objects, which who reads the whole reads as well", () => {
    const { of, reports } = reportsOf();
    const inDoctor = reports.filter(({ event }) => event.eventName === "doctor.updated").map(({ field }) => field);
    expect(inDoctor).toEqual(expect.arrayContaining([
      "payload.workingHours",
      "payload.workingHours[*].start",
      "payload.exceptions[*].intervals[*].end",
    ]));
    expect(of("doctor.updated", "payload.workingHours[*].start")).toMatchObject({
      required: true,
      readers: [{ job: "availability", proven: true }],
      reaches: ["notifications", "audit"],
    });
  });

  it("does not take a job's word for it: without its pact it is not proven", () => {
    const pacts = fixture.filter(({ job }) => job !== "audit");
    const { of, reports } = reportsOf(() => {}, pacts);
    expect(of("appointment.cancelled", "payload.reasonCode")?.readers).toEqual([{ job: "audit", proven: false }]);
    expect(renderFieldLines(reports).join("\n")).toMatch(/payload\.reasonCode .*audit \(not proven\)/);
  });

  it("has no errors in what is committed", () => {
    const contract = loadContract(workingTree(ROOT));
    const problems = fieldProblems(contract, fieldReports(contract, parsePacts(readPacts(ROOT))));
    expect(problems.filter(({ level }) => level !== "note")).toEqual([]);
  });

  it("notes personal data that comes with fields which the job reads", () => {
    expect(reportsOf().findings).toContainEqual(expect.stringMatching(
      /x-reads\/appointmentCreated: note: audit does not need the personal payload\.patientEmail of appointment\.created/,
    ));
  });

  it.each<[string, Edit, RegExp]>([
    [
      "a field that nobody reads",
      (producer) =>
        producer.components.schemas.AppointmentCreated.properties.payload.properties.room = { type: "string" },
      /^asyncapi\.yaml#\/components\/schemas\/AppointmentCreated\/properties\/payload\/properties\/room: note: nobody reads payload\.room/,
    ],
    [
      "personal data that reaches a job which reads nothing of the payload",
      (_, consumer) => delete consumer.operations.calendar["x-personal-data-accepted"],
      /x-reads\/appointmentContactChanged: calendar does not need the personal payload\.patientEmail .*bind its queue to other keys/,
    ],
    [
      "a field that is personal from now on",
      (producer) => producer.components.schemas.Locale["x-personal-data"] = true,
      /note: analytics does not need the personal payload\.locale of appointment\.created/,
    ],
    [
      "personal data inside of a list",
      (producer) => producer.components.schemas.LocalTime["x-personal-data"] = true,
      /note: notifications does not need the personal payload\.workingHours\[\*\]\.start of doctor\.updated/,
    ],
    [
      "a list of personal data",
      (producer) =>
        producer.components.schemas.AppointmentCreated.properties.payload.properties.copyTo = {
          type: "array",
          items: { $ref: "#/components/schemas/PatientEmail" },
        },
      /note: analytics does not need the personal payload\.copyTo of appointment\.created/,
    ],
    [
      "a list that nobody reads, once",
      (producer) =>
        producer.components.schemas.AppointmentCreated.properties.payload.properties.rooms = {
          type: "array",
          items: { type: "object", properties: { floor: { type: "string" } } },
        },
      /^(?!.*floor).*note: nobody reads payload\.rooms of/,
    ],
    [
      "an acceptance that is not needed",
      (_, consumer) =>
        consumer.operations.notifications["x-personal-data-accepted"] = { appointmentCreated: "why not" },
      /notifications\/x-personal-data-accepted\/appointmentCreated: accepts personal data .* none reaches notifications unread/,
    ],
  ])("finds %s", (_, edit, expected) => {
    const known = reportsOf().findings;
    const found = reportsOf(edit).findings.filter((finding) => !known.includes(finding));
    expect(found).toContainEqual(expect.stringMatching(expected));
  });

  it("accepts what the consumer's document accepts", () => {
    const { findings } = reportsOf((_, consumer) =>
      consumer.operations.analytics["x-personal-data-accepted"] = { appointmentCreated: "whole messages" }
    );
    expect(findings.filter((finding) => finding.includes("analytics"))).toEqual([]);
  });

  it("renders a table that can be posted as a comment", () => {
    const { reports, findings } = reportsOf();
    const markdown = renderFieldsMarkdown(reports, findings);
    expect(markdown).toContain(
      "| `payload.patientEmail` | required | yes | notifications | availability, audit, calendar, analytics |",
    );
  });
});
