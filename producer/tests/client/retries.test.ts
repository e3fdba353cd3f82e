import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, NoAnswerError, ProblemError } from "../../client/src/client.ts";
import { apiKey, booking } from "../api-under-test.ts";
import { eventually } from "../eventually.ts";
import { type ServiceUnderTest, startService } from "./service-under-test.ts";

type Api = { paths: Record<string, Record<string, { operationId: string; parameters: { $ref?: string }[] }>> };

let service: ServiceUnderTest;
let client: Client;
let day = 0;

/** Nobody else's slot. */
const nextBooking = () => ({ ...booking, appointmentDate: `2032-01-${String(++day).padStart(2, "0")}T10:00:00+01:00` });
const keys = () => service.gateway.requests.map(({ headers }) => headers["idempotency-key"]);

async function bookedFrom(appointmentDate: string): Promise<number> {
  const { body } = await service.client().get("/v1/appointments", { query: { from: appointmentDate } });
  return body.items.length;
}

beforeAll(async () => {
  service = await startService();
  client = service.client();
});
afterAll(() => service.stop());

test("a booking whose answer is lost is made once, and the answer comes all the same", async () => {
  const body = nextBooking();
  service.gateway.plan("answer is lost", { status: 502 }, "answer is lost");
  const booked = await client.post("/v1/appointments", { body });
  expect(booked.status).toBe(201);
  expect(booked.headers.get("Idempotency-Replayed")).toBe("true");
  expect(new Set(keys()).size).toBe(1);
  expect(keys()[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(await bookedFrom(body.appointmentDate)).toBe(1);
});

test("every write has a key of its own, and the caller's is kept", async () => {
  service.gateway.plan();
  await client.post("/v1/appointments", { body: nextBooking() });
  await client.post("/v1/appointments", { body: nextBooking() });
  await client.post("/v1/appointments", { body: nextBooking(), headers: { "Idempotency-Key": "mine" } });
  expect(new Set(keys()).size).toBe(3);
  expect(keys()[2]).toBe("mine");
});

test("every operation that a key can't protect only reads", async () => {
  const api = await (await fetch(`${service.url}/openapi.json`)).json() as Api;
  const unprotected = Object.entries(
    api.paths,
  )
    .flatMap(([, item]) => Object.entries(item))
    .filter(([method, { parameters }]) =>
      method !== "get" && !parameters.some(({ $ref }) => $ref?.endsWith("/Idempotency-Key"))
    );
  expect(unprotected.map(([, { operationId }]) => operationId)).toEqual(["searchAppointments", "exportPatient"]);
});

test("an attempt that runs into the one before waits for its answer", async () => {
  const body = nextBooking();
  service.gateway.plan();
  let release = () => {};
  const released = new Promise<void>((resolve) => release = resolve);
  let holding: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve) => {
    holding = service.database.sql.begin(async (tx) => {
      await tx`SELECT 1 FROM doctors WHERE id = 'dr-lovelace' FOR UPDATE`;
      resolve();
      await released;
    });
  });
  const booking = client.post("/v1/appointments", { body, timeoutMs: 1_000 });
  // The first attempt was given up, and the second one was told that the first still runs.
  await eventually(() => expect(service.gateway.requests.length).toBeGreaterThan(1));
  release();
  await holding;
  expect((await booking).status).toBe(201);
  expect(await bookedFrom(body.appointmentDate)).toBe(1);
});

test("a service that asks for time gets it", async () => {
  service.gateway.plan({ status: 503, headers: { "Retry-After": "1" } });
  await client.get("/v1/doctors");
  const [first, second] = service.gateway.requests;
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(990);

  const date = new Date(Date.now() + 3_000);
  service.gateway.plan({ status: 503, headers: { "Retry-After": date.toUTCString() } });
  await client.get("/v1/doctors");
  expect(service.gateway.requests[1]!.at).toBeGreaterThan(Math.floor(date.getTime() / 1000) * 1000 - 10);
});

test("one that asks for more than the caller allows is not asked again", async () => {
  service.gateway.plan({ status: 503, headers: { "Retry-After": "3600" } });
  await expect(client.get("/v1/doctors")).rejects.toMatchObject({ status: 503, attempts: 1 });
  expect(service.gateway.requests).toHaveLength(1);
});

test("a caller over its rate is served as fast as it may be", async () => {
  const limited = await startService({ RATE_LIMIT_PER_SECOND: "2" });
  try {
    const patient = limited.client();
    await Promise.all(Array.from({ length: 8 }, () => patient.get("/v1/doctors")));
    expect(limited.gateway.requests.length).toBeGreaterThan(8);
  } finally {
    await limited.stop();
  }
});

test("what is refused for good is asked once", async () => {
  const body = nextBooking();
  await client.post("/v1/appointments", { body });
  service.gateway.plan();
  await expect(client.post("/v1/appointments", { body })).rejects.toMatchObject({ code: "slot-unavailable" });
  await expect(client.get("/v1/appointments/{id}", { params: { id: "x" } })).rejects.toMatchObject({ status: 400 });
  service.gateway.plan({ status: 500 });
  await expect(client.get("/v1/doctors")).rejects.toBeInstanceOf(ProblemError);
  expect(service.gateway.requests).toHaveLength(1);
});

test("attempts end", async () => {
  service.gateway.plan(...Array.from({ length: 9 }, () => ({ status: 503 })));
  await expect(client.get("/v1/doctors")).rejects.toMatchObject({ status: 503, attempts: 4 });
  expect(service.gateway.requests).toHaveLength(4);
});

test("a write without any answer says which key does it at most once", async () => {
  const body = nextBooking();
  // More than the client's attempts: Deno's own fetch may repeat one.
  service.gateway.plan(...Array.from({ length: 20 }, () => "answer is lost" as const));
  const hasty = service.client({ retries: { maxAttempts: 2, baseDelayMs: 1 } });
  const error = await hasty.post("/v1/appointments", { body }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(NoAnswerError);
  const { attempts, idempotencyKey = "" } = error as NoAnswerError;
  expect(attempts).toBe(2);
  service.gateway.plan();
  await hasty.post("/v1/appointments", { body, headers: { "Idempotency-Key": idempotencyKey } });
  expect(await bookedFrom(body.appointmentDate)).toBe(1);
});

test("a service that says nothing is given up after the time for each attempt", async () => {
  service.gateway.plan("silence", "silence");
  const hasty = service.client({ timeoutMs: 200, retries: { maxAttempts: 2, baseDelayMs: 1 } });
  await expect(hasty.get("/v1/doctors")).rejects.toMatchObject({ name: "NoAnswerError", attempts: 2 });
  expect(service.gateway.requests).toHaveLength(2);
});

test.each([["an attempt", "silence"], ["a wait", { status: 503, headers: { "Retry-After": "10" } }]] as const)(
  "the caller ends a call in the middle of %s",
  async (_, fate) => {
    service.gateway.plan(fate, fate);
    const stop = new AbortController();
    const ended = client.get("/v1/doctors", { signal: stop.signal });
    await eventually(() => expect(service.gateway.requests).toHaveLength(1));
    stop.abort(new Error("the page was left"));
    await expect(ended).rejects.toThrow("the page was left");
    expect(service.gateway.requests).toHaveLength(1);
  },
);

test("where nobody listens the error says so, and the key is not in it", async () => {
  const nowhere = service.client({ baseUrl: "http://127.0.0.1:9", retries: { maxAttempts: 1 } });
  const error = await nowhere.get("/v1/doctors").catch((error: unknown) => error);
  expect(error).toBeInstanceOf(NoAnswerError);
  expect((error as Error).message).toContain("GET /v1/doctors got no answer in 1 attempt");
  expect(JSON.stringify(error)).not.toContain(apiKey);
});
