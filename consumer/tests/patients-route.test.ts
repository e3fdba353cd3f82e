import { createHash } from "node:crypto";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSessions } from "../src/ops/access/sessions.ts";
import type { OpsScope } from "../src/ops/access/scopes.ts";
import { createPageApp } from "../src/ops/page/page-app.tsx";
import { createPatientRoutes } from "../src/patients/export-route.ts";
import { appointmentEvents, doctorUpdated } from "./jobs/notifications/notifications-events.ts";
import { createHarness, type Harness } from "./jobs/notifications/notifications-harness.ts";

let harness: Harness;
let app: ReturnType<typeof createPageApp>;
const logged: string[] = [];

beforeAll(async () => {
  harness = await createHarness();
  const { sql } = harness;
  const keyOf = (name: string, scopes: OpsScope[]) => {
    return { name, sha256: createHash("sha256").update(name).digest("hex"), scopes };
  };
  const keys = [keyOf("privacy-desk", ["ops:read", "ops:personal"]), keyOf("reader", ["ops:read"])];
  app = createPageApp({
    keys,
    networks: undefined,
    log: pino({}, { write: (line: string) => void logged.push(line) }),
    sessions: createSessions({ sql, keys, now: () => new Date() }),
    parts: [createPatientRoutes({ sql, producer: undefined })],
  });
  await harness.deliver(doctorUpdated("dr-lovelace"));
});
afterAll(() => harness.drop());

function ask(key: string, body: unknown, type = "application/json") {
  const init = { method: "POST", headers: { "x-api-key": key, "content-type": type }, body: JSON.stringify(body) };
  return app.request("/patients/export", init, { incoming: { socket: { remoteAddress: "127.0.0.1" } } });
}

test("whoever may see personal data gets all that is kept of an address, and the log has who asked of which visits", async () => {
  const visit = appointmentEvents();
  await harness.deliver(visit.created({ patientEmail: "marked@example.org" }));
  const answer = await ask("privacy-desk", { email: "marked@example.org" });
  expect(answer.status).toBe(200);
  const { producer, consumer } = await answer.json() as { producer: unknown; consumer: { visits: object[] } };
  expect(producer).toBeNull();
  expect(consumer.visits).toMatchObject([{ appointment_id: visit.appointmentId }]);
  expect(logged.join("")).toContain(`"caller":"privacy-desk"`);
  expect(logged.join("")).toContain(visit.appointmentId);
  expect(logged.join("")).not.toContain("marked@");
});

test("nobody else gets anything, and neither does who asks in another way", async () => {
  expect((await ask("nobody", { email: "marked@example.org" })).status).toBe(401);
  expect((await ask("reader", { email: "marked@example.org" })).status).toBe(403);
  for (const body of [{}, { email: "marked" }, { email: "a@b.example", phone: "+4930123456" }, "x", { name: "Ada" }]) {
    const refused = await ask("privacy-desk", body);
    expect(refused.status).toBe(400);
    expect(await refused.text()).not.toContain("marked");
  }
  expect((await ask("privacy-desk", { email: "marked@example.org" }, "application/xml")).status).toBe(400);
});
