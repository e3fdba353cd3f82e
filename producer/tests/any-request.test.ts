import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AnyRequest, anyRequest } from "./any-request.ts";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { findTemplate, type OpenApi } from "./described.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const inFlight = 20;
const rounds = 500;

let database: PrivateDatabase;
let api: Api;
let now = new Date("2029-12-01T00:00:00Z");
let document: OpenApi;
const appointments: string[] = [];
const fed = new Set<string>();

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
  document = await (await api.request("/openapi.json")).json();
  for (const id of ["dr-a", "dr-b", "dr-c"]) await api.send("PUT", `/v1/doctors/${id}`, doctor);
  for (let hour = 0; hour < 6; hour++) {
    const appointmentDate = `2030-01-01T0${hour}:00:00Z`;
    const response = await api.send("POST", "/v1/appointments", { ...booking, doctorId: "dr-a", appointmentDate });
    appointments.push((await response.json()).id);
  }
  // Some of the visits have begun, and the others' patients may arrive.
  now = new Date("2030-01-01T03:30:00Z");
});
afterAll(() => database.drop());

async function answer({ method, path, headers, body }: AnyRequest): Promise<number> {
  // The application answers what it describes: that is checked for each of these, as for every request of the tests.
  const response = await api.request(path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  fed.add(`${method.toLowerCase()} ${findTemplate(document, path)}`);
  expect(response.status, `${method} ${path} ${body}\n${text}`).toBeLessThan(500);
  if (response.status >= 400) {
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(text).not.toMatch(/\bat .*\.ts|postgres|SELECT/);
    const problem = JSON.parse(text);
    if (problem.detail === "The request has fields that are not acceptable") {
      expect(problem.errors[0].pointer).toMatch(/^#/);
    }
  }
  return response.status;
}

test(
  `of ${
    inFlight * rounds
  } arbitrary requests, ${inFlight} at a time, none is answered with 5xx or otherwise than described`,
  async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRequest({ appointments }), { minLength: inFlight, maxLength: inFlight }),
        async (requests) => {
          for (const status of await Promise.all(requests.map(answer))) seen.set(status, (seen.get(status) ?? 0) + 1);
        },
      ),
      { numRuns: rounds, endOnFailure: true },
    );
    // The requests are worth something only where some get through and others are refused, for many reasons.
    expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 401, 404, 409, 412, 415]));
    const [versions] = await database.sql`
    SELECT count(*)::int AS holes FROM (
      SELECT aggregate_type, aggregate_id FROM outbox GROUP BY 1, 2 HAVING max(aggregate_version) <> count(*)
    ) AS incomplete`;
    expect(versions?.["holes"]).toBe(0);
  },
  170_000,
);

test("every operation that is described was among them", () => {
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method} ${path}`)
  );
  expect(described.filter((operation) => !fed.has(operation))).toEqual([]);
});
