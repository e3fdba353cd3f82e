import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import type { Appointment, Client } from "../../client/src/client.ts";
import { booking } from "../api-under-test.ts";
import { type ServiceUnderTest, startService } from "./service-under-test.ts";

let service: ServiceUnderTest;
let client: Client;
const days = Array.from({ length: 11 }, (_, day) => `2031-03-${String(day + 1).padStart(2, "0")}T10:00:00+01:00`);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

beforeAll(async () => {
  service = await startService();
  client = service.client();
  for (const appointmentDate of days) await client.post("/v1/appointments", { body: { ...booking, appointmentDate } });
});
afterAll(() => service.stop());

test("a list gives every item once and in order, over as many pages as it takes", async () => {
  service.gateway.plan();
  const all = await collect(client.items("/v1/appointments", { query: { doctorId: "dr-lovelace", limit: 4 } }));
  expectTypeOf(all).toEqualTypeOf<Appointment[]>();
  expect(all.map(({ appointmentDate }) => appointmentDate)).toEqual(days);
  expect(service.gateway.requests).toHaveLength(3);
});

test("a search, whose filters are in its body, does so too", async () => {
  service.gateway.plan();
  const body = { patientEmail: booking.patientEmail, sort: "-appointmentDate", limit: 4 } as const;
  const all = await collect(client.items("/v1/appointments/search", { body }));
  expect(all.map(({ appointmentDate }) => appointmentDate)).toEqual(days.toReversed());
  expect(service.gateway.requests.map(({ method }) => method)).toEqual(["POST", "POST", "POST"]);
});

test("a list without filters needs no options", async () => {
  expect((await collect(client.items("/v1/doctors"))).map(({ id }) => id)).toEqual(["dr-lovelace"]);
});

test("a page that nobody looks at is not asked for", async () => {
  service.gateway.plan();
  for await (const { appointmentDate } of client.items("/v1/appointments", { query: { limit: 4 } })) {
    if (appointmentDate === days[5]) break;
  }
  expect(service.gateway.requests).toHaveLength(2);
});

test("a page that fails for the moment is asked for again", async () => {
  const items = client.items("/v1/appointments", { query: { limit: 4 } });
  await items.next();
  service.gateway.plan({ status: 503 }, "answer is lost");
  expect(await collect(items)).toHaveLength(days.length - 1);
  expect(service.gateway.requests).toHaveLength(4);
});
