import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Service } from "../service.ts";
import { waitFor } from "../stack/wait-for.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { createRandom } from "./support/random.ts";

const doctors = 60;
const visitsEach = 3;
const dayMs = 86_400_000;
const seed = Number(process.env["SLOTS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

let clinic: Clinic;
let consumer: Service;

beforeAll(async () => {
  clinic = await createClinic();
  [, consumer] = await Promise.all([clinic.startProducer(), clinic.startConsumer()]);
});
afterAll(() => clinic.remove());

const random = createRandom(seed);
const below = (count: number) => Math.floor(random() * count);
const pick = <T>(values: readonly T[]) => values[below(values.length)] as T;

const quarters = (count: number) =>
  `${String(Math.floor(count / 4)).padStart(2, "0")}:${String((count % 4) * 15).padStart(2, "0")}`;

/** Often to the day's very end or from its beginning, often one interval at the end of another. */
function anyDay(): { start: string; end: string }[] {
  const times = [...new Set([0, 96, below(97), below(97), below(97)])].sort((a, b) => a - b);
  return times.slice(1).flatMap((end, index) =>
    random() < 0.6 ? [{ start: quarters(times[index]!), end: quarters(end) }] : []
  );
}

function anyDoctor() {
  const week = pick([[], Array.from({ length: 7 }, anyDay), Array.from({ length: 7 }, anyDay)]);
  return {
    name: "Dr. Ada Lovelace",
    email: "ada@clinic.example",
    timeZone: pick(Intl.supportedValuesOf("timeZone")),
    workingHours: week.flatMap((day, index) => day.map((interval) => ({ weekday: index + 1, ...interval }))),
  };
}

async function send(method: string, path: string, body: object): Promise<Response> {
  return await fetch(`${clinic.api}${path}`, {
    method,
    headers: { "content-type": "application/json", "x-api-key": clinic.apiKey },
    body: JSON.stringify(body),
  });
}

/** Midnight UTC before a Sunday in March or October, when most of the clocks change. */
const firstDay = () => Date.UTC(2027 + below(8), pick([2, 9]), 24 + below(6));

async function starts(url: string, list: "items" | "slots"): Promise<string[]> {
  const response = await fetch(url, { headers: { "x-api-key": clinic.apiKey } });
  expect(response.status).toBe(200);
  const body = await response.json() as Record<string, { start: string; end: string }[]>;
  return body[list]!.map(({ start, end }) => `${start} ${end}`);
}

test(`${doctors} doctors anywhere, at any hours: both services offer the same slots (SLOTS_SEED=${seed})`, async () => {
  const asked: { id: string; first: number }[] = [];
  for (let n = 0; n < doctors; n++) {
    const id = `dr-${n}`;
    const first = firstDay();
    expect((await send("PUT", `/v1/doctors/${id}`, anyDoctor())).status).toBe(201);
    for (let visit = 0; visit < visitsEach; visit++) {
      const appointmentDate = new Date(first + 5 * 60_000 * below(3 * 288)).toISOString();
      const wanted = { doctorId: id, appointmentDate, durationMinutes: pick([5, 40, 120]) };
      const { status } = await send("POST", "/v1/appointments", { patientEmail: "pat@example.org", ...wanted });
      expect([201, 409]).toContain(status);
    }
    asked.push({ id, first });
  }
  const [{ count } = { count: 0 }] = await clinic.producerSql<{ count: number }[]>`
    SELECT count(*)::int FROM appointments`;
  const known = async () => {
    const [told] = await clinic.consumerSql<{ visits: number; doctors: number }[]>`
      SELECT (SELECT count(*)::int FROM availability_visits) AS visits,
        (SELECT count(*)::int FROM availability_doctors) AS doctors`;
    return told?.visits === count && told.doctors === doctors;
  };
  await waitFor("the consumer to know every visit", known, { timeoutMs: 50_000 });

  let seen = 0;
  for (const { id, first } of asked) {
    const durationMinutes = pick(["15", "30", "50", "60", "90", "480"]);
    const [from, to] = [first, first + 3 * dayMs].map((at) => new Date(at).toISOString());
    const query = new URLSearchParams({ from: from!, to: to!, durationMinutes });
    const ofProducer = await starts(`${clinic.api}/v1/doctors/${id}/slots?${query}`, "items");
    const ofConsumer = await starts(`${consumer.url}/v1/doctors/${id}/availability?${query}&limit=1000`, "slots");
    expect(ofConsumer, `${id} ${query}`).toEqual(ofProducer);
    seen += ofProducer.length;
  }
  expect(count).toBeGreaterThan(doctors / 2);
  expect(seen).toBeGreaterThan(doctors);
}, 120_000);
