import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let hour = 0;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(() => database.drop());

const book = (patientEmail: string) => {
  const appointmentDate = new Date(Date.UTC(2030, 0, 1, hour++)).toISOString();
  return api.send("POST", "/v1/appointments", { ...booking, patientEmail, appointmentDate });
};
const published = async () => {
  const rows = await database.sql`select body from outbox order by id desc limit 1`;
  return JSON.parse(rows[0]?.body.toString());
};

const label = "b".repeat(63);

test.each([
  ["an internationalised domain", "ada@bücher.example", "ada@xn--bcher-kva.example"],
  ["the same in capitals", "ada@BÜCHER.example", "ada@xn--bcher-kva.example"],
  ["one of several such labels", "ada@почта.例え.テスト", "ada@xn--80a1acny.xn--r8jz45g.xn--zckzah"],
  ["an ideographic full stop", "ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"],
  ["a domain that is written so already", "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"],
  ["capitals, which are kept", "Ada@Example.ORG", "Ada@Example.ORG"],
  ["64 characters before the @", `${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`],
  ["a label of 63", `ada@${label}.example`, `ada@${label}.example`],
])("an address with %s is accepted, kept, found and published", async (_, written, kept) => {
  const response = await book(written);
  expect(await response.json()).toMatchObject({ patientEmail: kept });
  expect(response.status).toBe(201);
  expect((await published()).payload.patientEmail).toBe(kept);
  const found = await api.send("GET", `/v1/appointments?patientEmail=${encodeURIComponent(written)}`);
  expect((await found.json()).items[0]).toMatchObject({ patientEmail: kept });
  const put = await api.send("PUT", "/v1/doctors/dr-hopper", { ...doctor, email: written });
  expect(await put.json()).toMatchObject({ email: kept });
});

test.each([
  ["65 characters before the @", `${"a".repeat(65)}@example.org`, "at most 64"],
  ["a label of 64", `ada@${label}b.example`, "63 between dots"],
  ["a label that is too long in its ASCII form", `ada@${"ü".repeat(60)}.example`, "e-mail address"],
  ["a domain that is too long in its ASCII form", `ada@${"ü.".repeat(60)}example`, "e-mail address"],
  ["a domain that is none", "ada@\u00ad.example", "e-mail address"],
  ["a local part that is not ASCII", "ädä@example.org", "ASCII characters before the @"],
  ["a local part and a domain that are not ASCII", "用户@例え.テスト", "ASCII characters before the @"],
])("an address with %s is refused with a pointer, wherever it stands", async (_, address, detail) => {
  const errors = async (response: Awaited<ReturnType<Api["send"]>>) => {
    expect(response.status).toBe(400);
    return (await response.json()).errors;
  };
  const refused = (pointer: string) => [{ in: "body", pointer, detail: expect.stringContaining(detail) }];
  expect(await errors(await book(address))).toEqual(refused("#/patientEmail"));
  const put = await api.send("PUT", "/v1/doctors/dr-hopper", { ...doctor, email: address });
  expect(await errors(put)).toEqual(refused("#/email"));
  const { id } = await (await book("ada@example.org")).json();
  const patch = await api.send("PATCH", `/v1/appointments/${id}`, { patientEmail: address }, { "If-Match": '"1"' });
  expect(await errors(patch)).toEqual(refused("#/patientEmail"));
  const list = await api.send("GET", `/v1/appointments?patientEmail=${encodeURIComponent(address)}`);
  expect(await errors(list)).toMatchObject([{ in: "query", detail: expect.stringContaining(detail) }]);
});
