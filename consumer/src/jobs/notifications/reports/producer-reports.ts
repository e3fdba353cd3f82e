import { createHash } from "node:crypto";
import { isTlsRefusal } from "../../../outgoing/refusal.ts";
import { type OpsOptions, type ProducerAnswer, refusalOf, requestProducer } from "../../../replay/request-producer.ts";
import type { HandOver } from "../hand-over.ts";
import { failedNotificationOf } from "./failed-notification.ts";
import type { Report } from "./report-queue.ts";

/** What came of a report; `settled` where there is nothing to be told. */
export type ReportAnswer = HandOver | { kind: "settled"; reason: string };

const timeoutMs = 10_000;
/** For a producer of before these routes: it is asked again when somebody may have replaced it. */
const unknownRouteMs = 600_000;
/** Nobody is concerned any more. */
const settled = /"type":"\/problems\/(appointment-not-found|patient-erased)"/;

/** Hands reports to the producer, which takes each once. */
export function createProducerReports(producer: OpsOptions) {
  async function post(path: string, body: object): Promise<ReportAnswer> {
    let answer: ProducerAnswer;
    try {
      answer = await requestProducer(producer, { path, body, timeoutMs });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: "unavailable", reason, ...(isTlsRefusal(error) && { refusal: "tls" as const }) };
    }
    return answerOf(answer);
  }

  return async function tell(report: Report): Promise<ReportAnswer> {
    const { id, happenedAt } = report;
    if (report.kind === "opt-out") {
      const { numberHash, optedOut } = report;
      const at = happenedAt.toISOString();
      return await post("ops/opt-outs", { id, channel: "sms", contact: numberHash, optedOut, at });
    }
    const failed = failedNotificationOf(report.send);
    if (!failed) return { kind: "settled", reason: "it was handed over again" };
    const { channel, recipient } = report.send;
    const contact = createHash("sha256").update(channel === "email" ? recipient.toLowerCase() : recipient).digest(
      "hex",
    );
    return await post("ops/failed-notifications", { id, ...failed, contact, failedAt: happenedAt.toISOString() });
  };
}

function answerOf(answer: ProducerAnswer): ReportAnswer {
  const { status, ok, text } = answer;
  if (ok) return { kind: "accepted" };
  const reason = refusalOf({ ...answer, text: text.slice(0, 500) });
  if (status === 401 || status === 403) return { kind: "unavailable", reason, refusal: "authentication" };
  if ((status === 404 || status === 409) && settled.test(text)) return { kind: "settled", reason };
  if (status === 404 || status === 405) {
    return { kind: "unavailable", reason, refusal: "rejected", retryAfterMs: unknownRouteMs };
  }
  const isOurs = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return { kind: isOurs ? "deferred" : "unavailable", reason };
}
