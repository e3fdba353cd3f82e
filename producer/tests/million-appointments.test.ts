import { afterAll, beforeAll, expect, test } from "vitest";
import { usualSort } from "../src/appointments/list-appointments.ts";
import { type AppointmentFilter, selectAppointments, type Sort } from "../src/appointments/appointment-list.ts";
import { connectDatabase } from "../src/postgres/database.ts";
import { type Api, createApi } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const count = 1_000_000;

let database: PrivateDatabase;
let api: Api;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  const patient = connectDatabase(database.url, { max: 1, silentForMs: Infinity });
  await patient.begin(async (tx) => {
    await tx`SET LOCAL statement_timeout = 0`;
    await tx`INSERT INTO doctors SELECT 'dr-' || n, 1, 'Doctor', 'a@b.de', NULL, 'UTC', '[]', '[]', now(), now()
      FROM generate_series(0, 199) n`;
    // Filled without indexes, which are built afterwards as the migrations define them. What keeps visits apart is no
    // part of what is measured and stays away.
    const indexes = await tx<{ name: string; definition: string }[]>`
      SELECT indexname AS name, indexdef AS definition FROM pg_indexes
      WHERE tablename = 'appointments' AND indexname LIKE 'appointments\\_%\\_by\\_%' OR indexname LIKE 'appointments\\_by\\_%'`;
    for (const { name } of indexes) await tx`DROP INDEX ${tx(name)}`;
    await tx`ALTER TABLE appointments DROP CONSTRAINT appointments_do_not_overlap`;
    await tx`ALTER TABLE appointments DROP CONSTRAINT appointments_pkey`;
    await tx`ALTER TABLE appointments DROP CONSTRAINT appointments_doctor_id_fkey`;
    await tx`ALTER TABLE appointments DISABLE TRIGGER USER`;
    await tx`ALTER TABLE appointments SET UNLOGGED`;
    await tx`INSERT INTO appointments
      SELECT gen_random_uuid(), 1, (ARRAY['booked', 'booked', 'booked', 'cancelled'])[1 + n % 4], 'dr-' || n % 200,
        timestamptz '2030-01-01' + n / 200 * interval '30 minutes',
        timestamptz '2030-01-01' + (n / 200 + 1) * interval '30 minutes',
        'UTC', 'patient-' || n % 250 || '@example.org', NULL, NULL, false, NULL, NULL, now(),
        date_trunc('second', now()) + n * interval '1 second', 'case-' || n % 250
      FROM generate_series(0, ${count - 1}::int) n`;
    await tx`SET LOCAL maintenance_work_mem = '256MB'`;
    for (const { definition } of indexes) await tx.unsafe(definition);
    expect(indexes).toHaveLength(14);
  });
  await patient`ANALYZE appointments`;
  await patient.end();
}, 600_000);
afterAll(() => database.drop());

type Plan = { "Node Type": string; "Parent Relationship"?: string; "Rows Removed by Filter"?: number; Plans?: Plan[] };
const everyNode = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(everyNode)];
/** Without what is looked up for each row that is answered. */
const nodes = (plan: Plan): string[] => [
  plan["Node Type"],
  ...(plan.Plans ?? []).filter((node) => node["Parent Relationship"] !== "SubPlan").flatMap(nodes),
];
const discarded = (plan: Plan) => everyNode(plan).reduce((sum, node) => sum + (node["Rows Removed by Filter"] ?? 0), 0);

async function explain(filter: AppointmentFilter, sort: Sort, after?: { at: Date; id: string }): Promise<Plan> {
  const query = await selectAppointments(database.sql, { filter, sort, after, limit: 51 }).describe();
  // In the order of the statement: of several values each is read on its own, so those come first, and a limit twice.
  const split = Object.entries(filter).find(([, value]) => Array.isArray(value) && value.length > 1)?.[0];
  const others = Object.entries(filter).filter(([name]) => name !== split).map(([, value]) =>
    Array.isArray(value) && value.length === 1 ? value[0] : value
  );
  const parameters = [
    ...(split === undefined ? [] : [filter[split as keyof AppointmentFilter]]),
    ...others,
    ...(after ? [after.at, after.id] : []),
    51,
    ...(split === undefined ? [] : [51]),
  ] as string[];
  const [row] = await database.sql.unsafe(`EXPLAIN (ANALYZE, FORMAT JSON) ${query.string}`, parameters);
  return row?.["QUERY PLAN"][0].Plan;
}

const deep = { at: new Date("2030-03-15T00:00:00Z"), id: "80000000-0000-4000-8000-000000000000" };

test.each<[string, AppointmentFilter]>([
  ["no filter", {}],
  ["a doctor", { doctorId: ["dr-7"] }],
  ["a patient", { patientEmail: "patient-7@example.org" }],
  ["a reference", { reference: "case-7" }],
  ["a status", { status: ["cancelled"] }],
])("with %s every page, in every order, is read along an index and never sorted", async (_, filter) => {
  for (const sort of ["appointmentDate", "-appointmentDate", "updatedAt", "-updatedAt"] as const) {
    for (const after of [undefined, deep]) {
      const plan = await explain(filter, sort, after);
      expect(nodes(plan), `${sort} ${after ? "deep" : "first"}`).toEqual(["Limit", "Index Scan"]);
    }
  }
});

test.each<[string, AppointmentFilter]>([
  ["several doctors", { doctorId: ["dr-7", "dr-8", "dr-9"] }],
  ["several statuses", { status: ["booked", "cancelled"] }],
  ["several of both", { doctorId: ["dr-7", "dr-8"], status: ["booked", "cancelled"] }],
])("of %s each is read along its index, and no more of it than the page can hold", async (_, filter) => {
  for (const sort of ["appointmentDate", "-appointmentDate", "createdAt", "-updatedAt"] as const) {
    for (const after of [undefined, deep]) {
      const plan = await explain(filter, sort, after);
      expect(nodes(plan), sort).not.toContain("Seq Scan");
      expect(discarded(plan), sort).toBeLessThan(1_000);
      expect(everyNode(plan).filter((node) => node["Node Type"] === "Index Scan").length).toBeGreaterThan(0);
    }
  }
});

test.each<[string, AppointmentFilter]>([
  ["no filter", {}],
  ["a doctor", { doctorId: ["dr-7"] }],
  ["a status", { status: ["cancelled"] }],
])("with %s the order of making is an index as well", async (_, filter) => {
  for (const sort of ["createdAt", "-createdAt"] as const) {
    expect(nodes(await explain(filter, sort, undefined))).toEqual(["Limit", "Index Scan"]);
  }
});

const half = new Date("2030-02-22T00:00:00Z");
const later = new Date("2030-02-22T12:00:00Z");

test.each<[string, AppointmentFilter]>([
  ["everything", {}],
  ["a doctor", { doctorId: ["dr-7"] }],
  ["a patient", { patientEmail: "patient-7@example.org" }],
  ["a reference", { reference: "case-7" }],
  ["a status", { status: ["cancelled"] }],
])("with %s and any range, few rows are read that are not answered", async (_, filter) => {
  const [row] = await database.sql`SELECT updated_at FROM appointments ORDER BY updated_at OFFSET ${count / 2} LIMIT 1`;
  const updatedSince = row?.["updated_at"];
  const createdSince = updatedSince;
  for (const range of [{ from: half }, { to: half }, { from: half, to: later }, { updatedSince }, { createdSince }]) {
    const narrowed = { ...filter, ...range };
    const plan = await explain(narrowed, usualSort(narrowed));
    expect(discarded(plan), JSON.stringify(narrowed)).toBeLessThan(1_000);
    expect(nodes(plan), JSON.stringify(narrowed)).not.toContain("Seq Scan");
  }
});

test("the last of a million answers as fast as the first", async () => {
  const timed = async (query: string) => {
    const times: number[] = [];
    for (let n = 0; n < 15; n++) {
      const started = performance.now();
      const response = await api.send("GET", `/v1/appointments?${query}`);
      times.push(performance.now() - started);
      expect((await response.json()).items).toHaveLength(50);
    }
    return times.sort((a, b) => a - b)[7] as number;
  };
  const first = await timed("limit=50");
  const { next } = await (await api.send("GET", "/v1/appointments?limit=50&from=2030-04-14T00:00:00Z")).json();
  expect(next).toBeDefined();
  const deepCursor = await cursorOfDeepPage();
  const last = await timed(`limit=50&cursor=${deepCursor}`);
  expect(last).toBeLessThan(first * 3 + 10);
});

/** Where the 999,900th appointment is, as a caller would get there who had read all pages before. */
async function cursorOfDeepPage(): Promise<string> {
  const { next } = await (await api.send("GET", "/v1/appointments?limit=1")).json();
  const [bound] = JSON.parse(atob(next.replaceAll("-", "+").replaceAll("_", "/")));
  const [row] = await database
    .sql`SELECT starts_at, id FROM appointments ORDER BY starts_at DESC, id DESC OFFSET 100 LIMIT 1`;
  const position = [bound, row?.["starts_at"].toISOString(), row?.["id"]];
  return btoa(JSON.stringify(position)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
