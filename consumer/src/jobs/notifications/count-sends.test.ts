import { expect, test } from "vitest";
import { createMetrics } from "../../telemetry/metrics.ts";
import { createSendCount } from "./count-sends.ts";
import type { ClaimedSend, SendResult } from "./send-ledger.ts";

const at = Date.parse("2030-07-01T10:00:00Z");

function counting(templates: string[] = []) {
  const metrics = createMetrics();
  const count = createSendCount({ metrics, now: () => new Date(at), templates });
  const exposed = async () => (await metrics.registry.metrics()).split("\n").filter((line) => /^notif/.test(line));
  return { exposed, count: (send: object, state: string) => count(send as ClaimedSend, { state } as SendResult) };
}

const send = (seconds: number) => ({
  channel: "email",
  template: "patient-booked",
  content: { stamp: new Date(at - seconds * 1_000).toISOString() },
});
const of = 'channel="email",template="patient-booked"';

test("what will be counted stands at 0 before it happens", async () => {
  const lines = await counting(["patient-booked", "sms-booked"]).exposed();
  for (const state of ["sent", "failed", "unknown"]) {
    expect(lines).toContain(`notifications_total{${of},state="${state}"} 0`);
    expect(lines).toContain(`notifications_total{channel="sms",template="sms-booked",state="${state}"} 0`);
  }
  expect(lines).toContain(`notification_delay_seconds_bucket{le="30",${of}} 0`);
});

test("each end is counted, and how long after its event what was taken came", async () => {
  const { count, exposed } = counting();
  for (const seconds of [-1, 29, 31]) count(send(seconds), "sent");
  for (const state of ["failed", "unknown", "pending"]) count(send(5), state);
  const lines = await exposed();
  expect(lines.filter((line) => line.startsWith("notifications_total"))).toEqual([
    `notifications_total{${of},state="sent"} 3`,
    `notifications_total{${of},state="failed"} 1`,
    `notifications_total{${of},state="unknown"} 1`,
  ]);
  expect(lines).toContain(`notification_delay_seconds_bucket{le="30",${of}} 2`);
  expect(lines).toContain(`notification_delay_seconds_sum{${of}} 60`);
});
