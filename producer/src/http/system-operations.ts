import * as v from "valibot";
import { described } from "./described.ts";
import { operation } from "./operation.ts";

const shared = { tag: "System", method: "get" } as const;
const problems = ["rate-limited"] as const;
const upOrDown = v.picklist(["up", "down"]);

export const readinessView = v.pipe(
  v.strictObject({
    status: described("Whether requests may be sent here", v.picklist(["ready", "unavailable"])),
    database: described(
      "Whether PostgreSQL answers and takes writes; while it only reads, reads are served and writes answer 503",
      v.picklist(["up", "read-only", "down"]),
    ),
    broker: described(
      "Reported only: while RabbitMQ is away events wait in the outbox, and callers notice nothing",
      upOrDown,
    ),
    topology: described("Whether the exchange is there. Reported only, like the broker", upOrDown),
    patientKeys: v.optional(
      described(
        "Whether the database of patients' keys answers, where there is one. Reported only: while it doesn't take writes, " +
          "requests that tell of a patient answer 503, and all others are served",
        v.picklist(["up", "read-only", "down"]),
      ),
    ),
    reasons: described(
      "Why a dependency is not up",
      v.strictObject({
        database: v.optional(described("In the words of PostgreSQL or of the network", v.string())),
        broker: v.optional(described("Why no event can be published", v.string())),
        topology: v.optional(described("What the last look found missing; it has been declared again", v.string())),
        patientKeys: v.optional(described("In the words of PostgreSQL or of the network", v.string())),
      }),
    ),
  }),
  v.metadata({ ref: "Readiness" }),
);

export const livez = operation({
  ...shared,
  operationId: "livez",
  path: "/livez",
  summary: "Whether the process runs",
  success: {
    200: {
      description: "It runs",
      schema: v.strictObject({ status: described("Always up: a process that answers is running", v.literal("up")) }),
      example: { status: "up" },
    },
  },
  problems,
});

const ready = { status: "ready", database: "up", broker: "up", topology: "up", reasons: {} };

export const readyz = operation({
  ...shared,
  operationId: "readyz",
  path: "/readyz",
  summary: "Whether it can answer requests",
  success: {
    200: { description: "It is ready", schema: readinessView, example: ready },
    503: {
      description: "It is not ready",
      schema: readinessView,
      example: { ...ready, status: "unavailable", database: "read-only", reasons: { database: "it is a standby" } },
    },
  },
  problems,
});

export const metrics = operation({
  ...shared,
  operationId: "metrics",
  path: "/metrics",
  summary: "Measurements in Prometheus' text format",
  success: {
    200: {
      description: "The measurements of now",
      schema: v.string(),
      mediaType: "text/plain",
      example: "outbox_pending 0",
    },
  },
  problems,
});

export const openApiDocument = operation({
  ...shared,
  operationId: "openApiDocument",
  path: "/openapi.json",
  summary: "This description",
  success: {
    200: {
      description: "An OpenAPI 3.1 document",
      schema: v.looseObject({ openapi: described("The version of OpenAPI", v.string()) }),
      example: { openapi: "3.1.0" },
    },
  },
  problems,
});

export const docs = operation({
  ...shared,
  operationId: "docs",
  path: "/docs",
  summary: "This description as a page, on which requests can be tried",
  success: { 200: { description: "A page", schema: v.string(), mediaType: "text/html", example: "<!doctype html>" } },
  problems,
});

export const problemType = operation({
  ...shared,
  operationId: "problemType",
  path: "/problems/{code}",
  summary: "What a type of problem means",
  params: v.strictObject({
    code: described(
      "The last part of a problem's type",
      v.pipe(v.string(), v.regex(/^[a-z-]{1,64}$/, "expected the name of a problem")),
      "slot-unavailable",
    ),
  }),
  success: {
    200: {
      description: "The type",
      schema: v.strictObject({
        type: described("As in the problem", v.string()),
        status: described("The HTTP status that comes with it", v.number()),
        title: described("What it means", v.string()),
      }),
      example: { type: "/problems/slot-unavailable", status: 409, title: "The doctor has another visit at that time" },
    },
  },
  problems: ["not-found", "rate-limited"],
});
