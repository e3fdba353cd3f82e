import { createHash } from "node:crypto";
import type { ArriveLead } from "../src/domain/earliest-step.ts";
import type { Scope } from "../src/scopes.ts";
import { type ApiKey, readConfig } from "../src/config.ts";
import type { Principal } from "../src/http/authenticate.ts";
import type { Sql } from "../src/postgres/database.ts";
import { createService } from "../src/service.ts";
import { createLog, type Log } from "../src/telemetry/log.ts";
import { createDescriptionCheck, type OpenApi } from "./described.ts";

export const apiKey = "the-key-of-the-tests";
export const otherKey = "the-key-of-somebody-else";
export const readOnlyKey = "a-key-that-may-only-read";

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const everyScope: Scope[] = [
  "appointments:read",
  "appointments:write",
  "appointments:overbook",
  "doctors:write",
  "erase",
  "export",
  "ops",
];

/** What a test reads from a body is checked by the test. */
// deno-lint-ignore no-explicit-any
export type Answer = Omit<Response, "json"> & { json(): Promise<any> };

export type Api = {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  request(path: string, init?: RequestInit): Promise<Answer>;
};

export type ApiOptions = {
  now?: () => Date;
  arriveLead?: ArriveLead;
  onCommitted?: () => void;
  verifyToken?: (token: string) => Promise<Principal>;
  requestsPerSecond?: number;
  anonymousPerSecond?: number;
  corsOrigins?: string[];
  log?: Log;
  moreKeys?: ApiKey[];
  settings?: Record<string, string>;
};

/**
 * The real application on a real database, without a port and without a relay. Every answer is held against the
 * description that the application gives of itself.
 */
export function createApi(sql: Sql, options: ApiOptions = {}): Api {
  const { log = createLog("silent"), now, verifyToken, onCommitted, arriveLead } = options;
  const config = readConfig({
    DATABASE_URL: "postgres://localhost/the-tests-bring-their-own",
    AMQP_URL: "amqp://localhost",
    API_KEYS: JSON.stringify([
      { name: "reception", sha256: sha256(apiKey), scopes: everyScope },
      { name: "partner", sha256: sha256(otherKey), scopes: ["appointments:read", "appointments:write"] },
      { name: "display", sha256: sha256(readOnlyKey), scopes: ["appointments:read"] },
      ...(options.moreKeys ?? []),
    ]),
    RATE_LIMIT_PER_SECOND: String(options.requestsPerSecond ?? 0),
    ANONYMOUS_RATE_LIMIT_PER_SECOND: String(options.anonymousPerSecond ?? 0),
    ARRIVE_LEAD_MINUTES: typeof arriveLead === "object" ? String(arriveLead.minutes) : undefined,
    CORS_ORIGINS: options.corsOrigins?.join(","),
    ...options.settings,
  });
  const { app, health } = createService(config, { log, sql, verifyToken, onCommitted, ...(now && { now }) });
  health.start();

  const description =
    (async () => createDescriptionCheck(await (await app.request("/openapi.json")).json() as OpenApi))();

  async function request(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await app.request(path, init);
    const { method = "GET", body } = init;
    const check = await description;
    if (method !== "OPTIONS") {
      await check({ method, path, requestBody: typeof body === "string" ? body : undefined, response });
    }
    return response;
  }

  return {
    request,
    send: (method, path, body, headers = {}) =>
      request(path, {
        method,
        headers: {
          "X-API-Key": apiKey,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

export const doctor = { name: "Dr. Ada Lovelace", email: "lovelace@clinic.example", timeZone: "Europe/Berlin" };

export const booking = {
  patientEmail: "ada@example.org",
  doctorId: "dr-lovelace",
  appointmentDate: "2030-07-01T10:00:00+02:00",
};
