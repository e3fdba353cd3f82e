import * as v from "valibot";
import { eventNames } from "../generated/events.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";
import { page, paging } from "../http/page.ts";

const event = {
  position: described("The event's place in the order; cursors are made of it", v.pipe(v.number(), v.integer())),
  eventId: described("The event's id, by which receivers recognise repetitions", v.string()),
  eventName: described("The event's type", v.string()),
  aggregateId: described("The appointment or the doctor that it is about", v.string()),
  aggregateVersion: described(
    "The number of this event among those about it, from 1 on",
    v.pipe(v.number(), v.integer()),
  ),
};

const archivedView = v.pipe(
  v.strictObject({
    ...event,
    body: described("The exact text that was published", v.string()),
    headers: described(
      "The headers that it was published with",
      v.record(v.string(), v.union([v.string(), v.number()])),
    ),
    publishedAt: fields.moment("When the broker confirmed it"),
    committedAt: v.optional(
      fields.moment("When it was written to the outbox; absent of events from before it was kept"),
    ),
    failedPublications: v.optional(
      described("How many publications of it failed before", v.pipe(v.number(), v.integer())),
    ),
  }),
  v.metadata({ ref: "ArchivedEvent" }),
);

const pendingView = v.pipe(
  v.strictObject({
    ...event,
    createdAt: fields.moment("When it was written to the outbox"),
    attempts: described("How many publications of it failed", v.pipe(v.number(), v.integer())),
    lastAttemptAt: v.optional(fields.moment("When its last publication failed")),
    lastError: v.optional(described("Why its last publication failed", v.string())),
  }),
  v.metadata({ ref: "PendingEvent" }),
);

const example = {
  position: 1,
  eventId: "0197f3a2-7000-7000-8000-000000000002",
  eventName: eventNames.appointmentCancelled,
  aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  aggregateVersion: 2,
};

const query = v.strictObject({
  from: v.optional(described("Events of this instant or later", fields.instant, "2026-11-23T00:00:00Z")),
  to: v.optional(described("Events before this instant", fields.instant, "2026-11-24T00:00:00Z")),
  type: v.optional(
    described(
      "Events of this type",
      v.picklist(Object.values(eventNames)),
      eventNames.appointmentCancelled,
    ),
  ),
  aggregateId: v.optional(
    described("Events about this appointment or doctor", fields.doctorId, "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11"),
  ),
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
  description: "In the order in which they were written; from and to are about createdAt.",
  success: {
    200: {
      description: "A page",
      schema: page("OutboxPage", pendingView),
      example: { items: [{ ...example, createdAt: "2026-11-23T08:00:00.000Z", attempts: 0 }] },
      headers: ["Link"],
    },
  },
});
