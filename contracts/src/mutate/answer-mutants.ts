import { type Edit, replace } from "./edit.ts";

const ops = "producer/src/outbox/ops.ts";
const view = "producer/src/appointments/appointment-view.ts";

/** Answers that are not what the API's description says, or not what the consumer's replay needs. */
export const answerTable: Record<string, [what: string, ...edits: Edit[]][]> = {
  "answers of the API": [
    [
      "the archive renames the body",
      replace(
        ops,
        "    publishedAt: event.publishedAt",
        "    body: undefined,\n    text: event.body,\n    publishedAt: event.publishedAt",
      ),
    ],
    [
      "the archive gives times in words",
      replace(ops, "publishedAt: event.publishedAt.toISOString()", "publishedAt: event.publishedAt.toUTCString()"),
    ],
    [
      "the outbox gives positions as text",
      replace(
        ops,
        "    createdAt: createdAt.toISOString(),",
        "    createdAt: createdAt.toISOString(),\n    position: String(rest.position),",
      ),
    ],
    [
      "an appointment's time under another name",
      replace(view, "    appointmentDate: formatLocal(", "    startsAt: formatLocal("),
    ],
    [
      "a version as text",
      replace(view, "    version: appointment.version,", "    version: String(appointment.version),"),
    ],
  ],
};
