import fc from "fast-check";
import { toCursor } from "../src/http/page.ts";
import { apiKey } from "./api-under-test.ts";

export type AnyRequest = { method: string; path: string; headers: Record<string, string>; body: string | undefined };

/** Any sequence of UTF-16 code units: NUL, control characters, lone surrogates, everything. */
const anyText = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom(
    "",
    "\u0000",
    "\ud800",
    "\udfff",
    "'; DROP TABLE doctors; --",
    "__proto__",
    "constructor",
    "NaN",
    "-0",
  ),
);

const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    anyText,
    fc.constantFrom(null, true, false, 0, -1, 1e308, 30, 2 ** 53),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(anyText, tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** A value of its kind, most of the time. */
const field = (usual: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: anyJson });

/** Up to nine digits are valid; more are refused, however many. */
const tail = fc.oneof(
  fc.stringMatching(/^\.\d{1,9}$/),
  fc.constantFrom(".000000000", ".999999999", ".0000000000", ".123000000"),
  fc.integer({ min: 10, max: 500 }).map((digits) => `.${"0".repeat(digits)}`),
);
const anyDate = fc.date({ min: new Date("0000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
const plainInstant = fc.oneof(
  anyDate.map((date) => date.toISOString()),
  anyDate.map((date) => date.toISOString().replace(/\d\d\.\d{3}Z$/, "00.000Z")),
  fc.date({ min: new Date("2030-01-01"), max: new Date("2030-01-03"), noInvalidDate: true })
    .map((date) => date.toISOString().replace(/\d\d\.\d{3}Z$/, "00+01:00")),
  fc.constantFrom(
    "2026-03-08T02:30:00-05:00",
    "0001-01-01T00:00:00+23:59",
    "9998-12-31T23:59:59-23:59",
    "2030-02-30T00:00:00Z",
    "2030-01-01t00:00:00z",
    "2030-01-01T00:00:60Z",
    "2030-01-01T24:00:00Z",
  ),
);
/** Any way to write a time, among them long tails of its seconds. */
const instantText = fc.oneof(
  { weight: 3, arbitrary: plainInstant },
  {
    weight: 1,
    arbitrary: fc.tuple(plainInstant, tail).map(([text, tail]) =>
      text.replace(/:00(\.000)?(?=Z|[+-]\d\d:\d\d$)/, `:00${tail}`)
    ),
  },
);
const email = fc.oneof(
  fc.emailAddress(),
  fc.constantFrom("ada@example.org", "grace@example.org", "ada@bücher.example", "ädä@example.org"),
  fc.constantFrom(`${"a".repeat(65)}@example.org`, `ada@${"b".repeat(64)}.example`, `ada@${"ü".repeat(60)}.example`),
);
const doctorId = fc.constantFrom("dr-a", "dr-b", "dr-c", "nobody", "..", ".", "a".repeat(64), "a".repeat(65));
const zone = fc.constantFrom(
  "Europe/Berlin",
  "europe/berlin",
  "Asia/Beirut",
  "UTC",
  "Etc/GMT+14",
  "+01:00",
  "Mars/Base",
);
const time = fc.constantFrom("00:00", "02:30", "09:00", "23:59", "24:00", "25:00", "9:00");
const interval = { start: field(time), end: field(time) };

const appointment = {
  patientEmail: field(email),
  doctorId: field(doctorId),
  appointmentDate: field(instantText),
  durationMinutes: field(fc.integer({ min: 0, max: 500 })),
  timeZone: field(zone),
  patientPhone: field(fc.constantFrom("+4930123456", "030")),
  patientName: field(fc.oneof(anyText, fc.constant("Ada King"))),
  locale: field(fc.constantFrom("de", "pt-BR", "x")),
  reference: field(fc.oneof(anyText, fc.constantFrom("case-1", "case-2"))),
  metadata: field(fc.dictionary(fc.oneof(anyText, fc.constantFrom("desk", "channel")), field(anyText), { maxKeys: 4 })),
  overbook: field(fc.boolean()),
};
const hold = {
  doctorId: field(doctorId),
  appointmentDate: field(instantText),
  durationMinutes: field(fc.integer({ min: 0, max: 500 })),
  holdMinutes: field(fc.integer({ min: 0, max: 20 })),
};
/** Nobody else's tests of the same requests lose their patients. */
const patient = {
  patientEmail: field(fc.constantFrom("nobody@example.org", "ada@bücher.example", "no address")),
  patientPhone: field(fc.constantFrom("+4930000000", "030")),
};
const day = fc.constantFrom("2026-03-08", "2030-12-24", "2030-02-30", "0000-01-01", "9999-12-31");
const doctor = {
  name: field(anyText),
  email: field(email),
  phone: field(fc.constantFrom("+4930123456", "030")),
  timeZone: field(zone),
  workingHours: field(
    fc.array(fc.record({ weekday: field(fc.integer({ min: 0, max: 8 })), ...interval }), { maxLength: 4 }),
  ),
  exceptions: field(
    fc.array(
      fc.record({
        date: field(day),
        intervals: field(fc.array(fc.record(interval), { maxLength: 3 })),
      }),
      { maxLength: 3 },
    ),
  ),
};
/** Bound to a list that there is, with a position that we never gave. */
const forgedCursor = fc.tuple(
  fc.constantFrom({ list: "doctors" }, { list: "archive" }, { list: "outbox" }, { sort: "appointmentDate" }),
  fc.array(fc.oneof(anyText, instantText, fc.uuid(), fc.nat().map(String)), { maxLength: 3 }),
).map(([question, position]) => toCursor(question, position));

const filters = {
  doctorId: field(doctorId),
  patientEmail: field(email),
  reference: field(fc.constantFrom("case-1", "case-2")),
  status: field(fc.constantFrom("booked", "cancelled", "lost")),
  from: field(instantText),
  to: field(instantText),
  updatedSince: field(instantText),
  sort: field(fc.constantFrom("appointmentDate", "-updatedAt", "name")),
  limit: field(fc.integer({ min: 0, max: 300 })),
  cursor: field(fc.oneof(anyText, forgedCursor)),
};

const partly = (model: Record<string, fc.Arbitrary<unknown>>) => fc.record(model, { requiredKeys: [] });
const mostly = (model: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof({ weight: 3, arbitrary: fc.record(model) }, { weight: 2, arbitrary: partly(model) }, {
    weight: 1,
    arbitrary: anyJson,
  });

function toParameter(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, "?"));
}

/** Percent-encoded where it can be, and broken encodings too. */
const segment = fc.oneof(
  doctorId,
  fc.uuid(),
  anyText.map(toParameter),
  fc.constantFrom("%00", "%ff", "%ED%A0%80", "%", "%zz", "%2F", ".%2e"),
);

function query(model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<string> {
  const known = partly(model).map((values) =>
    Object.entries(values).map(([name, value]) => `${name}=${toParameter(value)}`)
  );
  const wild = fc.array(fc.tuple(segment, segment).map(([name, value]) => `${name}=${value}`), { maxLength: 2 });
  return fc.tuple(known, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, wild)).map((parts) =>
    `?${parts.flat().join("&")}`
  );
}

const anyHeader = fc.oneof(
  fc.array(fc.integer({ min: 0x20, max: 0xff }).filter((unit) => unit !== 0x7f), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    `"1"`,
    "*",
    `W/"1"`,
    `"1", "2"`,
    "",
    "key-1",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  ),
);
const wildHeaders = fc.record({
  "X-API-Key": fc.oneof({ weight: 20, arbitrary: fc.constant(apiKey) }, anyHeader),
  "Content-Type": fc.oneof({ weight: 10, arbitrary: fc.constant("application/json") }, anyHeader),
  "X-Request-Id": anyHeader,
  "Idempotency-Key": anyHeader,
  "If-Match": anyHeader,
  "If-None-Match": anyHeader,
  traceparent: anyHeader,
  tracestate: anyHeader,
  Authorization: anyHeader,
}, { requiredKeys: ["X-API-Key", "Content-Type"] });

const plainHeaders = fc.constantFrom("*", `"1"`, `"2"`).map((tag) => ({
  "X-API-Key": apiKey,
  "Content-Type": "application/json",
  "If-Match": tag,
}));
const headers = fc.oneof(plainHeaders, wildHeaders);

/** Requests to every route; `known` are ids that exist. */
export function anyRequest(known: { appointments: readonly string[] }): fc.Arbitrary<AnyRequest> {
  const appointmentId = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known.appointments) }, segment);
  const action = fc.constantFrom("cancel", "arrive", "complete", "no-show", "reopen");
  const nothing = fc.constant(undefined);

  const to = (
    method: string,
    path: fc.Arbitrary<string>,
    body: fc.Arbitrary<unknown> = nothing,
    search: fc.Arbitrary<string> = fc.constant(""),
  ) =>
    fc.record({
      method: fc.constant(method),
      path: fc.tuple(path, search).map((parts) => parts.join("")),
      headers,
      body: fc.oneof(
        { weight: 10, arbitrary: body.map((value) => (value === undefined ? undefined : JSON.stringify(value))) },
        { weight: 1, arbitrary: method === "GET" ? nothing : anyText },
      ),
    });

  const range = { from: field(instantText), to: field(instantText), durationMinutes: field(fc.integer()) };
  const rangeOfDoctors = {
    ...range,
    doctorId: field(fc.array(doctorId, { maxLength: 3 }).map((ids) => ids.join(","))),
    stepMinutes: field(fc.integer({ min: 0, max: 500 })),
    timeZone: field(zone),
    moving: field(appointmentId),
  };
  return fc.oneof(
    to("POST", fc.constant("/v1/appointments"), mostly(appointment)),
    to("POST", fc.constant("/v1/appointments"), mostly({ ...appointment, holdId: field(fc.uuid()) })),
    to("GET", appointmentId.map((id) => `/v1/appointments/${id}`)),
    to("PATCH", appointmentId.map((id) => `/v1/appointments/${id}`), mostly(appointment)),
    to(
      "PATCH",
      appointmentId.map((id) => `/v1/appointments/${id}`),
      partly({
        patientEmail: field(email),
        patientPhone: fc.constantFrom("+4930123456", null),
        locale: fc.constantFrom("de", null),
      }),
    ),
    to(
      "POST",
      fc.tuple(appointmentId, action).map(([id, name]) => `/v1/appointments/${id}/${name}`),
      mostly({
        cancelledBy: field(fc.constantFrom("patient", "nobody")),
        reasonCode: field(fc.constantFrom("a-code", "Free text")),
      }),
    ),
    to("GET", fc.constant("/v1/appointments"), nothing, query(filters)),
    to("POST", fc.constant("/v1/appointments/search"), mostly(filters)),
    to("PUT", fc.oneof(doctorId, segment).map((id) => `/v1/doctors/${id}`), mostly(doctor)),
    to("GET", fc.oneof(doctorId, segment).map((id) => `/v1/doctors/${id}`)),
    to(
      "POST",
      doctorId.map((id) => `/v1/doctors/${id}/absences`),
      mostly({ from: field(day), to: field(day) }),
    ),
    to(
      "POST",
      fc.tuple(doctorId, fc.constantFrom("retire", "return", "return")).map((parts) =>
        `/v1/doctors/${parts.join("/")}`
      ),
    ),
    to("GET", fc.constant("/v1/doctors"), nothing, query({ limit: filters.limit, cursor: filters.cursor })),
    to("GET", doctorId.map((id) => `/v1/doctors/${id}/slots`), nothing, query(range)),
    to("GET", fc.constant("/v1/slots"), nothing, query(rangeOfDoctors)),
    to("POST", fc.constant("/v1/patients/erase"), mostly(patient)),
    to("POST", fc.constant("/v1/patients/export"), mostly(patient)),
    to(
      "POST",
      fc.constant("/ops/failed-notifications"),
      mostly({
        id: fc.uuid(),
        appointmentId,
        channel: fc.constantFrom("email", "sms"),
        recipient: fc.constantFrom("patient", "doctor"),
        notification: fc.constantFrom("booked", "removed"),
        reason: fc.constantFrom("bounced", "opted_out"),
        contact: fc.stringMatching(/^[0-9a-f]{64}$/),
        failedAt: instantText,
      }),
    ),
    to(
      "POST",
      fc.constant("/ops/opt-outs"),
      mostly({
        id: fc.uuid(),
        channel: fc.constant("sms"),
        contact: fc.stringMatching(/^[0-9a-f]{64}$/),
        optedOut: fc.boolean(),
        at: instantText,
      }),
    ),
    to("POST", fc.constant("/v1/holds"), mostly(hold)),
    to("DELETE", appointmentId.map((id) => `/v1/holds/${id}`)),
    to(
      "GET",
      fc.constantFrom("/ops/archive", "/ops/outbox"),
      nothing,
      query({ ...filters, type: field(anyText), aggregateId: field(doctorId) }),
    ),
    to(
      "GET",
      fc.constantFrom("/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems/forbidden"),
      nothing,
      fc.oneof(fc.constant(""), query({})),
    ),
    to("GET", fc.tuple(fc.constantFrom("/problems/", "/", "/v1/", "/docs/"), segment).map((parts) => parts.join(""))),
  );
}
