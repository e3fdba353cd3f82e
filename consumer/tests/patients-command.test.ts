import { afterAll, beforeAll, expect, test } from "vitest";
import { noProgress } from "../src/cli/progress.ts";
import { readConfig } from "../src/config.ts";
import { UsageError } from "../src/cli/command.ts";
import { patientsCommand } from "../src/patients/command.ts";
import { createHarness, type Harness } from "./jobs/notifications/notifications-harness.ts";
import { appointmentEvents, doctorUpdated } from "./jobs/notifications/notifications-events.ts";

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());

async function run(...args: string[]) {
  const printed: string[] = [];
  const noted: string[] = [];
  const code = await patientsCommand.run(args, {
    config: readConfig({ DATABASE_URL: harness.url, AMQP_URL: "amqp://localhost", JOBS: "none" }),
    openDatabase: () => harness.sql,
    print: (line) => printed.push(line),
    note: (line) => noted.push(line),
    progress: noProgress,
  });
  return { code, printed: printed.join("\n"), noted };
}

test("an export without a producer says so, and has all of the patient's and nothing of others", async () => {
  const { deliver } = harness;
  await deliver(doctorUpdated("dr-lovelace"));
  const visit = appointmentEvents();
  await deliver(visit.created({ patientEmail: "Marked@example.org", patientPhone: "+4930777123456" }));
  await deliver(appointmentEvents().created({ patientEmail: "neighbour@example.org" }));
  for (const who of [["--email", "marked@EXAMPLE.org"], ["--phone", "+4930777123456"]]) {
    const { code, printed, noted } = await run("export", ...who);
    expect(code).toBe(0);
    expect(noted.join()).toContain("PRODUCER_OPS_URL");
    const { producer, consumer } = JSON.parse(printed);
    expect(producer).toBeNull();
    expect(consumer.visits).toMatchObject([{
      appointment_id: visit.appointmentId,
      patient_email: "Marked@example.org",
    }]);
    expect(consumer.sends).toHaveLength(3);
    expect(printed).not.toContain("neighbour");
  }
});

test("what is asked in another way is refused, and a value is not quoted", async () => {
  const wrong = [[], ["export"], ["export", "--email", "marked"], ["export", "--phone", "0170 marked"], [
    "export",
    "--email",
    "a@b.example",
    "--phone",
    "+4930777123456",
  ], ["erasure", "marked"]];
  for (const args of wrong) {
    const refused = run(...args);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/^(?!.*marked)/);
  }
  const id = "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4be1";
  expect(await run("erasure", id)).toMatchObject({ code: 1, printed: "" });
});
