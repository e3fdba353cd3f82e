import { createHash } from "node:crypto";
import type { Scope } from "../src/config.ts";
import { newId } from "../src/domain/new-id.ts";
import { createApp } from "../src/http/app.ts";
import { createAuthenticate } from "../src/http/authenticate.ts";
import { createHealth } from "../src/http/health.ts";
import { createCommandPath } from "../src/postgres/command-path.ts";
import type { Sql } from "../src/postgres/database.ts";
import { readOutboxState } from "../src/postgres/outbox-store.ts";
import { createLog } from "../src/telemetry/log.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";

export const apiKey = "the-key-of-the-tests";
export const readOnlyKey = "a-key-that-may-only-read";

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const everyScope: Scope[] = [
  "appointments:read",
  "appointments:write",
  "appointments:overbook",
  "doctors:write",
  "ops",
];

/** What a test reads from a body is checked by the test. */
// deno-lint-ignore no-explicit-any
export type Answer = Omit<Response, "json"> & { json(): Promise<any> };

export type Api = {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  request(path: string, init?: RequestInit): Promise<Answer>;
};

/** The real application on a real database, without a port and without a relay. */
export function createApi(sql: Sql, options: { now?: () => Date; onCommitted?: () => void } = {}): Api {
  const now = options.now ?? (() => new Date());
  const metrics = createMetrics({ outboxState: () => readOutboxState(sql) });
  const app = createApp({
    sql,
    commandPath: createCommandPath({
      sql,
      newEventId: () => newId(now()),
      onCommitted: options.onCommitted ?? (() => {}),
    }),
    now,
    newAppointmentId: () => newId(now()),
    authenticate: createAuthenticate({
      apiKeys: [
        { name: "reception", sha256: sha256(apiKey), scopes: everyScope },
        { name: "display", sha256: sha256(readOnlyKey), scopes: ["appointments:read"] },
      ],
    }),
    health: createHealth({ sql, isBrokerUp: () => false }),
    metrics,
    log: createLog("silent"),
  });

  const request = async (path: string, init?: RequestInit) => await app.request(path, init);
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
