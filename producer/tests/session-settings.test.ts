import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDatabase, type Sql } from "../src/postgres/database.ts";
import { booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

/** What a role or a database may bring along, each to the worst for whoever relies on the usual value. */
const hostile = {
  DateStyle: "'SQL, DMY'",
  IntervalStyle: "'sql_standard'",
  TimeZone: "'Pacific/Chatham'",
  bytea_output: "'escape'",
  search_path: "'nowhere'",
  default_transaction_isolation: "'serializable'",
  default_transaction_deferrable: "on",
  extra_float_digits: "-15",
  array_nulls: "off",
  standard_conforming_strings: "off",
  transform_null_equals: "on",
  lock_timeout: "1",
  statement_timeout: "2000",
  idle_in_transaction_session_timeout: "2000",
};

const everyDay = (start: string, end: string) => [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start, end }));

let database: PrivateDatabase;
let name: string;
let owner: Sql;
const role = `hostile_${Math.random().toString(36).slice(2, 10)}`;

beforeAll(async () => {
  database = await createPrivateDatabase();
  owner = database.sql;
  [{ name }] = await owner<[{ name: string }]>`SELECT current_database() AS name`;
  await owner.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  await owner.unsafe(`GRANT ${role} TO current_user`);
  await owner.unsafe(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`);
});
afterAll(async () => {
  await owner.unsafe(`DROP OWNED BY ${role}`);
  await owner.unsafe(`DROP ROLE ${role}`);
  await database.drop();
});

const asRole = () => {
  const url = new URL(database.url);
  url.username = role;
  url.password = "secret";
  return url.href;
};

/** Books, moves and asks for free slots; answers what the API says of the times. */
async function useApi(sql: Sql, id: string) {
  const api = createApi(sql, { now: () => new Date("2030-01-01T00:00:00Z") });
  await api.send("PUT", `/v1/doctors/${id}`, {
    ...doctor,
    workingHours: everyDay("08:00", "12:00"),
  });
  // The fourth of July: the seventh of April, read the other way round.
  const booked = await api.send("POST", "/v1/appointments", {
    ...booking,
    doctorId: id,
    appointmentDate: "2030-07-04T10:00:00+02:00",
  });
  expect(booked.status, await booked.clone().text()).toBe(201);
  const { id: appointment } = await booked.json();
  const moved = await api.send(
    "PATCH",
    `/v1/appointments/${appointment}`,
    { appointmentDate: "2030-07-04T11:00:00+02:00" },
    { "If-Match": '"1"' },
  );
  expect(moved.status, await moved.clone().text()).toBe(200);
  const { appointmentDate } = await (await api.send("GET", `/v1/appointments/${appointment}`)).json();
  const days = "from=2030-07-04T00:00:00%2B02:00&to=2030-07-05T00:00:00%2B02:00";
  const slots = await api.send("GET", `/v1/doctors/${id}/slots?${days}&durationMinutes=30`);
  const listed = await api.send("GET", `/v1/appointments?doctorId=${id}`);
  const { items } = await listed.json();
  return {
    appointmentDate,
    slots: slots.status,
    free: await slots.json(),
    listed: items.map((item: { appointmentDate: string }) => item.appointmentDate),
  };
}

test.each([
  ["the database", false, false],
  ["the role", true, false],
  ["the database, in pooled mode", false, true],
  ["the role, in pooled mode", true, true],
])("whatever %s says: the same is read and written", async (where, byRole, pooled) => {
  const usual = connectDatabase(database.url, { max: 2 });
  const expected = await useApi(usual, `usual-${byRole}-${pooled}`);
  await usual.end();
  const target = byRole ? `ROLE ${role}` : `DATABASE ${name}`;
  for (const [setting, value] of Object.entries(hostile)) {
    await owner.unsafe(`ALTER ${target} SET ${setting} = ${value}`);
    const sql = connectDatabase(byRole ? asRole() : database.url, { max: 2, pooled });
    const got = await useApi(sql, `${setting.toLowerCase()}-${byRole}-${pooled}`);
    await sql.end({ timeout: 1 });
    await owner.unsafe(`ALTER ${target} RESET ${setting}`);
    expect({ where, setting, ...got }).toEqual({ where, setting, ...expected });
  }
});
