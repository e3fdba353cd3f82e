import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { readEvent } from "./message.ts";

const content = Buffer.from(JSON.stringify({
  eventName: "appointment.created",
  aggregateId: "3f0f9a52-7a52-4a3c-9d0b-2f3f6f2a7c11",
  timestamp: "2026-03-01T10:00:00Z",
  version: 1,
  payload: { patientEmail: "ann@example.org", doctorId: "dr-1", appointmentDate: "2026-03-02T10:00:00+01:00" },
}));

test.each([{}, { messageId: undefined }, { messageId: "" }, { messageId: "ann@example.org" }])(
  "%j names no message: its body does",
  (properties) => {
    const body = createHash("sha256").update(content).digest("hex");
    expect(readEvent("audit", { content, properties }).eventKey).toBe(body);
  },
);

test("a correlation id that is an address correlates nothing", () => {
  const properties = { correlationId: "ann@example.org" };
  expect(readEvent("audit", { content, properties }).correlationId).toBeUndefined();
});
