import type { Metrics } from "../../telemetry/metrics.ts";
import type { ClaimedSend, SendResult } from "./send-ledger.ts";

export interface SendCount {
  metrics: Pick<Metrics, "notifications" | "notificationDelay">;
  now: () => Date;
  /** Their counters begin at 0, or the first increase would be none to Prometheus. */
  templates: readonly string[];
}

/** Counts what came of sends and, of those that were taken, how long after their event. */
export function createSendCount({ metrics, now, templates }: SendCount) {
  for (const template of templates) {
    const channel = template.startsWith("sms-") ? "sms" : "email";
    for (const state of ["sent", "failed", "unknown"]) metrics.notifications.inc({ channel, template, state }, 0);
    metrics.notificationDelay.zero({ channel, template });
  }
  return function count({ channel, template, content }: ClaimedSend, { state }: SendResult): void {
    if (state === "pending") return;
    metrics.notifications.inc({ channel, template, state });
    // Clocks of two machines differ: what seems to come before its event came at once.
    const seconds = Math.max(0, (now().getTime() - Date.parse(content.stamp)) / 1_000);
    if (state === "sent") metrics.notificationDelay.observe({ channel, template }, seconds);
  };
}
