import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, type Api, apiKey, booking, createApi, doctor, readOnlyKey } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(() => database.drop());

function postText(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> {
  return api.request("/v1/appointments", {
    method: "POST",
    headers: { "X-API-Key": apiKey, "Content-Type": "application/json", ...headers },
    body,
  });
}

async function expectProblem(response: Answer, status: number, code: string, pointer?: string): Promise<void> {
  const problem = await response.json();
  expect(problem).toMatchObject({
    status,
    type: `/problems/${code}`,
    title: expect.any(String),
    detail: expect.any(String),
  });
  expect(response.status).toBe(status);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(JSON.stringify(problem)).not.toMatch(/\bat .*\.ts|node_modules/);
  if (pointer !== undefined) {
    expect(problem.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  }
}

test.each([
  ["malformed JSON", `{"patientEmail": `],
  ["JSON that is no object", `[]`],
  ["null", `null`],
  ["an empty body", ""],
  ["a body that is not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d])],
])("%s is refused with 400", async (_, body) => {
  await expectProblem(await postText(body), 400, "malformed-request");
});

test.each([
  ["a duplicate key", `{"patientEmail":"a@b.de","patientEmail":"c@d.de"}`, "#/patientEmail"],
  ["a duplicate key that is escaped", String.raw`{"locale":"de","loc\u0061le":"en"}`, "#/locale"],
  ["NUL in a text", String.raw`{"patientEmail":"a\u0000@b.de"}`, "#/patientEmail"],
  ["a lone surrogate", String.raw`{"locale":"\ud800"}`, "#/locale"],
])("%s is refused with a pointer to it", async (_, body, pointer) => {
  await expectProblem(await postText(body), 400, "malformed-request", pointer);
});

test("nesting deeper than 32 levels is refused", async () => {
  await expectProblem(
    await postText(`{"locale":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
    400,
    "malformed-request",
  );
});

test.each([
  ["a wrong e-mail address", { patientEmail: "nobody" }, "#/patientEmail"],
  ["a wrong type", { durationMinutes: "30" }, "#/durationMinutes"],
  ["a visit of no length", { durationMinutes: 0 }, "#/durationMinutes"],
  ["an unknown field", { pateintPhone: "+4930123456" }, "#/pateintPhone"],
  ["an unknown field with special characters", { "a/b~c d": 1 }, "#/a~1b~0c%20d"],
  ["__proto__ as a field", JSON.parse(`{"__proto__": 1}`), "#/__proto__"],
  ["a date without offset", { appointmentDate: "2030-07-01T10:00:00" }, "#/appointmentDate"],
  ["a date that does not exist", { appointmentDate: "2030-02-30T10:00:00Z" }, "#/appointmentDate"],
  ["a date beyond RFC 3339", { appointmentDate: "9999-12-31T23:59:59-23:00" }, "#/appointmentDate"],
  ["a date finer than a millisecond", { appointmentDate: "2030-07-01T10:00:00.1234Z" }, "#/appointmentDate"],
  ["an unknown time zone", { timeZone: "Europe/Atlantis" }, "#/timeZone"],
  ["an offset as time zone", { timeZone: "+01:00" }, "#/timeZone"],
  ["a wrong telephone number", { patientPhone: "0049" }, "#/patientPhone"],
])("%s is refused with a pointer to it", async (_, change, pointer) => {
  const body = { ...booking };
  Object.defineProperties(body, Object.getOwnPropertyDescriptors(change));
  await expectProblem(await api.send("POST", "/v1/appointments", body), 400, "malformed-request", pointer);
});

test("a missing field is refused with a pointer to it", async () => {
  const { doctorId: _, ...body } = booking;
  await expectProblem(await api.send("POST", "/v1/appointments", body), 400, "malformed-request", "#/doctorId");
});

test("a date in the past is refused", async () => {
  const body = { ...booking, appointmentDate: "2020-07-01T10:00:00Z" };
  await expectProblem(await api.send("POST", "/v1/appointments", body), 400, "invalid-value", "#/appointmentDate");
});

test("an unknown doctor is refused", async () => {
  await expectProblem(
    await api.send("POST", "/v1/appointments", { ...booking, doctorId: "x" }),
    400,
    "unknown-doctor",
    "#/doctorId",
  );
});

test.each(["text/plain", "application/json; charset=latin1", "application/xml"])(
  "content type %s is refused",
  async (type) => {
    await expectProblem(
      await postText(JSON.stringify(booking), { "Content-Type": type }),
      415,
      "unsupported-media-type",
    );
  },
);

test("a missing content type is refused", async () => {
  const body = new TextEncoder().encode(JSON.stringify(booking));
  const response = await api.request("/v1/appointments", { method: "POST", headers: { "X-API-Key": apiKey }, body });
  await expectProblem(response, 415, "unsupported-media-type");
});

test("a body over 64 KiB is refused, whether or not it says its length", async () => {
  const body = JSON.stringify({ ...booking, locale: "x".repeat(70_000) });
  await expectProblem(await postText(body), 413, "body-too-large");
  await expectProblem(await postText(body, { "Content-Length": String(body.length) }), 413, "body-too-large");
});

test("no key and a wrong key are refused before anything else is looked at", async () => {
  for (const headers of [{}, { "X-API-Key": "wrong" }, { "X-API-Key": "" }]) {
    for (const body of ["{", "x".repeat(70_000)]) {
      const response = await api.request("/v1/appointments", { method: "POST", headers, body });
      expect(response.headers.get("WWW-Authenticate")).toContain("ApiKey");
      await expectProblem(response, 401, "unauthenticated");
    }
  }
});

test("a key without the scope is refused", async () => {
  const response = await api.send("POST", "/v1/appointments", booking, { "X-API-Key": readOnlyKey });
  await expectProblem(response, 403, "forbidden");
});

test("an unknown address, an unknown appointment and a malformed id are told apart", async () => {
  await expectProblem(await api.send("GET", "/v1/nothing"), 404, "not-found");
  const unknown = "/v1/appointments/0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11";
  await expectProblem(await api.send("GET", unknown), 404, "appointment-not-found");
  await expectProblem(await api.send("GET", "/v1/appointments/42"), 400, "malformed-request", "#/id");
});

test("a query parameter that is not known is refused, not ignored", async () => {
  const response = await api.send("GET", "/v1/appointments/0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11?expand=doctor");
  await expectProblem(response, 400, "malformed-request", "#/expand");
});

test.each(["__proto__", "constructor", "toString"])(
  "the query parameter %s is refused like any other",
  async (name) => {
    await expectProblem(await api.send("GET", `/v1/doctors?${name}=x`), 400, "malformed-request", `#/${name}`);
  },
);

test("another method is refused with what is allowed", async () => {
  const response = await api.send("DELETE", "/v1/appointments/0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11");
  expect(response.headers.get("Allow")).toBe("GET, HEAD, PATCH, OPTIONS");
  await expectProblem(response, 405, "method-not-allowed");
});

test("a parameter or field named as what every object has is refused like any unknown one, by every operation", async () => {
  const { paths } = await (await api.request("/openapi.json")).json() as { paths: Record<string, object> };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path.replace(/\{\w+\}/, "dr-lovelace")] as const)
  );
  expect(operations.length).toBeGreaterThan(20);
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    for (const [method, path] of operations) {
      const headers = { "X-API-Key": apiKey, "Content-Type": "application/json" };
      const body = method === "GET" || method === "DELETE" ? null : `{${JSON.stringify(name)}:"a b"}`;
      const answer = await api.request(`${path}?${name}=a%20b`, { method, headers, body });
      expect(answer.status, `${method} ${path} ${name}`).toBe(400);
      await answer.body?.cancel();
    }
  }
});
