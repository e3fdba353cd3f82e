import * as v from "valibot";
import { eventSchemas } from "../generated/events.ts";
import * as fields from "./fields.ts";
import { operation } from "./operation.ts";
import { page, paging } from "./page.ts";

const dateTime = v.pipe(v.string(), v.metadata({ format: "date-time" }));

const event = {
  position: v.pipe(v.number(), v.integer(), v.description("Grows; what a cursor stands for")),
  eventId: v.string(),
  eventName: v.string(),
  aggregateId: v.string(),
  aggregateVersion: v.pipe(v.number(), v.integer()),
};

const archivedView = v.pipe(
  v.strictObject({
    ...event,
    body: v.pipe(v.string(), v.description("The exact text that was published")),
    headers: v.record(v.string(), v.union([v.string(), v.number()])),
    publishedAt: dateTime,
  }),
  v.metadata({ ref: "ArchivedEvent" }),
);

const pendingView = v.pipe(
  v.strictObject({
    ...event,
    createdAt: dateTime,
    attempts: v.pipe(v.number(), v.integer()),
    lastAttemptAt: v.optional(dateTime),
    lastError: v.optional(v.string()),
  }),
  v.metadata({ ref: "PendingEvent" }),
);

const example = {
  position: 1,
  eventId: "0197f3a2-7000-7000-8000-000000000002",
  eventName: "appointment.cancelled",
  aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  aggregateVersion: 2,
};

const query = v.strictObject({
  from: v.optional(fields.instant),
  to: v.optional(fields.instant),
  type: v.optional(v.picklist(Object.keys(eventSchemas) as (keyof typeof eventSchemas)[])),
  aggregateId: v.optional(fields.doctorId),
  ...paging.query,
});

const shared = { tag: "Operations", method: "get", scope: "ops", query, problems: ["invalid-cursor"] } as const;

export const listArchive = operation({
  ...shared,
  operationId: "listArchive",
  path: "/ops/archive",
  summary: "List events that the broker has confirmed",
  description: "In the order of publication; from and to are about publishedAt. The source of replays.",
  success: {
    200: {
      description: "A page",
      schema: page("ArchivePage", archivedView),
      example: {
        items: [{ ...example, body: "{}", headers: { "x-event-version": 1 }, publishedAt: "2026-11-23T08:00:00.000Z" }],
      },
      headers: ["Link"],
    },
  },
});

export const listOutbox = operation({
  ...shared,
  operationId: "listOutbox",
  path: "/ops/outbox",
  summary: "List events that are not confirmed yet",
  description: "In the order of their making; from and to are about createdAt.",
  success: {
    200: {
      description: "A page",
      schema: page("OutboxPage", pendingView),
      example: { items: [{ ...example, createdAt: "2026-11-23T08:00:00.000Z", attempts: 0 }] },
      headers: ["Link"],
    },
  },
});
