import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

type Schema = { pattern?: string };
type Parameter = { name?: string; schema?: Schema & { format?: string } };

let database: PrivateDatabase;
let api: Api;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(() => database.drop());

const tails = ["", ".0", ".5", ".25", ".123", ".1230", ".000000000", ".123000000", ".1234", ".999999999"];
const tooLong = [10, 11, 100, 60_000].map((digits) => `.${"0".repeat(digits)}`);
const offsets = ["Z", "z", "+01:00", "-23:59"];
const values = [":00", ":01", ":59"].flatMap((seconds) =>
  [...tails, ...tooLong].flatMap((tail) => offsets.map((offset) => `2031-01-06T10:00${seconds}${tail}${offset}`))
);

/** Every place of the API that takes a time, with what it publishes about it. */
async function places() {
  const { paths, components } = await (await api.request("/openapi.json")).json();
  const inQueries = Object.entries<{ get?: { parameters: Parameter[] } }>(paths).flatMap(([path, { get }]) =>
    (get?.parameters ?? []).filter(({ schema }) => schema?.format === "date-time")
      .map(({ name, schema }) => ({ name: name as string, path, schema: schema as Schema, kind: "query" as const }))
  );
  const bodies = [["NewAppointment", "post", "/v1/appointments"], ["AppointmentChange", "patch", ""], [
    "AppointmentSearch",
    "post",
    "/v1/appointments/search",
  ]] as const;
  const inBodies = bodies.flatMap(([ref, method, path]) =>
    Object.entries<Schema & { format?: string }>(components.schemas[ref].properties)
      .filter(([, { format }]) => format === "date-time")
      .map(([name, schema]) => ({ name, path, schema, kind: "body" as const, method }))
  );
  return [...inQueries, ...inBodies];
}

test("what the pattern of a time says and what is accepted are the same, at every place that takes one", async () => {
  const booked = await api.send("POST", "/v1/appointments", booking);
  const own = booked.headers.get("Location") as string;
  const seen = await places();
  expect(seen.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["from", "to", "updatedSince", "appointmentDate"]),
  );
  for (const place of seen) {
    const pattern = new RegExp(place.schema.pattern as string, "u");
    for (const value of values) {
      const response = place.kind === "query"
        ? await api.send(
          "GET",
          `${place.path.replace("{id}", "dr-lovelace")}?${place.name}=${encodeURIComponent(value)}`,
        )
        : place.method === "patch"
        ? await api.send("PATCH", own, { [place.name]: value }, { "If-Match": `"0"` })
        : await api.send("POST", place.path, {
          ...(place.path === "/v1/appointments" ? { ...booking, doctorId: "x" } : {}),
          [place.name]: value,
        });
      const { errors = [] } = await response.json();
      const refused = errors.some(({ pointer }: { pointer: string }) => pointer === `#/${place.name}`);
      expect(response.status, `${place.path} ${place.name} ${value.slice(0, 50)}`).toBeLessThan(500);
      expect(refused, `${place.path} ${place.name} ${value.slice(0, 50)}`).toBe(!pattern.test(value));
    }
  }
}, 120_000);

test.each(["10:00:01Z", "10:00:00.001Z", "10:00:59.999+01:00", "10:00:00.000000001Z"])(
  "a visit can't begin at %s, which would take two slots",
  async (time) => {
    const response = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: `2031-01-06T${time}` });
    expect(response.status).toBe(400);
    expect((await response.json()).errors).toEqual([
      expect.objectContaining({ in: "body", pointer: "#/appointmentDate" }),
    ]);
  },
);

test("a visit that began with seconds before that was refused can be read, listed, changed and cancelled", async () => {
  const booked = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: "2031-02-03T10:00:00Z" });
  const address = booked.headers.get("Location") as string;
  const { id } = await booked.json();
  const seconds = "2031-02-03T10:00:07.5Z";
  await database.sql`
    UPDATE appointments SET starts_at = ${seconds}, ends_at = ${seconds}::timestamptz + interval '30 minutes' WHERE id = ${id}`;
  const read = await (await api.send("GET", address)).json();
  expect(read.appointmentDate).toBe("2031-02-03T11:00:07.500+01:00");
  const day = "from=2031-02-03T00:00:00Z&to=2031-02-04T00:00:00Z";
  expect((await (await api.send("GET", `/v1/appointments?${day}`)).json()).items).toEqual([read]);
  const slots = await (await api.send("GET", `/v1/doctors/dr-lovelace/slots?${day}`)).json();
  const starts = slots.items.map(({ start }: { start: string }) => start);
  expect(starts).not.toContain("2031-02-03T11:00:00+01:00");
  expect(starts).not.toContain("2031-02-03T11:30:00+01:00");
  expect(starts).toContain("2031-02-03T12:00:00+01:00");
  const longer = await api.send("PATCH", address, { durationMinutes: 45 }, { "If-Match": "*" });
  expect(await longer.json()).toMatchObject({ appointmentDate: read.appointmentDate, durationMinutes: 45 });
  expect((await api.send("POST", `${address}/cancel`)).status).toBe(200);
});
