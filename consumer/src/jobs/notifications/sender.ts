import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { IntentTrace } from "../../telemetry/intent-span.ts";
import { traceIdOf } from "../../telemetry/trace-context.ts";
import type { Channel } from "./send.ts";
import type { ClaimedSend, SendLedger, SendResult } from "./send-ledger.ts";
import type { Mailer } from "./smtp/mailer.ts";
import type { SmsGateway } from "./sms/sms-gateway.ts";
import { envelopeIdOf } from "./bounces/envelope-id.ts";
import { type Backoff, backoffMs } from "../../outgoing/backoff.ts";
import { createCircuitBreaker } from "../../outgoing/circuit-breaker.ts";
import type { HandOver } from "./hand-over.ts";
import { createIntentSender, type Outcome } from "../../outgoing/intent-sender.ts";
import { type MessageWriter, referenceOf } from "./message-writer.ts";
import type { Worker } from "../../outgoing/worker.ts";
import { createSendExpiry } from "./send-expiry.ts";

export interface NotificationSendersDependencies {
  ledger: SendLedger;
  writer: MessageWriter;
  /** Closed when its sender has stopped. */
  mailer: Mailer;
  /** Absent where text messages are not configured. */
  sms?: SmsGateway;
  now: () => Date;
  log: Logger;
  /** Hand-overs at the same time, for each channel. */
  concurrency: number;
  /** Between the hand-overs of a send that was put off; after `maxAttempts` it has failed. */
  backoff: Backoff;
  maxAttempts: number;
  /** For a server or gateway that does not answer. */
  cooldown: Backoff;
  /** Records each hand-over of a channel. */
  traces?: Partial<Record<Channel, IntentTrace>>;
  /** Called when it is written down what came of a send. */
  recorded?: (send: ClaimedSend, result: SendResult) => void;
  /** Called after a commit that has added to the audit trail. */
  audited?: () => void;
}

const things: Record<Channel, string> = { email: "mail", sms: "text message" };
const whatCameOfIt: Record<SendResult["state"], string> = {
  sent: "sent",
  pending: "put off",
  failed: "not taken",
  unknown: "may have been taken",
};

/** One sender for each channel, which takes due rows of the send ledger and hands each over at most once; and the expiry. */
export function createNotificationSenders(deps: NotificationSendersDependencies): Worker[] {
  const { ledger, writer, mailer, sms, now, log, audited } = deps;

  function resultOf(send: ClaimedSend, handOver: HandOver): SendResult {
    switch (handOver.kind) {
      case "accepted":
        return { state: "sent", reference: handOver.reference, contentHash: handOver.contentHash };
      case "rejected":
        return { state: "failed", reason: handOver.reason };
      case "unknown":
        return { state: "unknown", reason: handOver.reason };
      case "unavailable":
        // Others go first when it is back, so that one send cannot hold up the channel.
        return {
          ...putOff(
            handOver.retryAfterMs ?? (handOver.refusal === "rejected" ? deps.backoff : deps.cooldown).baseMs,
            handOver.reason,
          ),
          attempts: send.attempts,
        };
      case "deferred": {
        const attempts = send.attempts + 1;
        if (attempts >= deps.maxAttempts) return { state: "failed", reason: `put off too often: ${handOver.reason}` };
        return { ...putOff(backoffMs(attempts, deps.backoff), handOver.reason), attempts };
      }
    }
  }

  const putOff = (delayMs: number, reason: string) => ({ state: "pending", reason, delayMs }) as const;

  /** What is known must not stay `unknown` because PostgreSQL restarts or its disk is full: a process that stops gives up. */
  async function record(send: ClaimedSend, result: SendResult, stop: AbortSignal): Promise<void> {
    for (let failures = 1;; failures++) {
      try {
        return await ledger.record(send, result);
      } catch (error) {
        if (stop.aborted && failures >= 8) throw error;
        await sleep(backoffMs(failures, { baseMs: 200, capMs: 10_000 }));
      }
    }
  }

  function traced(
    channel: Channel,
    { eventKey, correlationId, template, traceparent }: ClaimedSend,
    work: () => Promise<HandOver>,
  ): Promise<HandOver> {
    const attributes = {
      "messaging.message.id": eventKey,
      "messaging.message.conversation_id": correlationId,
      "appointments.template": template,
    };
    const failed = ({ kind }: HandOver) => kind === "accepted" ? undefined : kind;
    return deps.traces?.[channel]?.({ traceparent, attributes }, work, failed) ?? work();
  }

  function senderOf(channel: Channel, handOverOf: (send: ClaimedSend) => Promise<HandOver>): Worker {
    return createIntentSender<ClaimedSend>({
      name: `notifications-${channel}`,
      concurrency: deps.concurrency,
      breaker: createCircuitBreaker({ threshold: 3, cooldown: deps.cooldown, now }),
      log,
      audited,
      dueIn: ledger.dueIn(channel),
      claim: (limit) => ledger.claim(channel, limit),
      start: ledger.start,
      release: ledger.release,
      async carryOut(send) {
        const handOver = await traced(channel, send, () => handOverOf(send));
        const result = resultOf(send, handOver);
        return {
          outcome: outcomeOf(handOver),
          async record(stop) {
            await record(send, result, stop);
            deps.recorded?.(send, result);
            log[levelOf(handOver, result)]({
              eventId: send.eventKey,
              correlationId: send.correlationId,
              traceId: traceIdOf(send.traceparent),
              aggregateId: send.appointmentId,
              send: send.id,
              channel,
              template: send.template,
              state: result.state,
              ...(result.state !== "sent" && { reason: result.reason }),
              ...("refusal" in handOver && { refusal: handOver.refusal }),
            }, `${things[channel]} ${whatCameOfIt[result.state]}`);
          },
        };
      },
    });
  }

  const mailSender = senderOf("email", (send) =>
    writeAndSend(() => ({
      ...writer.mail(send),
      envelopeId: envelopeIdOf({ send: send.id, envelope: send.claim }),
    }), mailer.send));
  const senders: Worker[] = [{
    ...mailSender,
    // Its idle connections would keep the process from ending.
    run: (signal) => mailSender.run(signal).finally(mailer.close),
  }];
  if (sms) {
    senders.push(
      senderOf(
        "sms",
        (send) =>
          writeAndSend(
            () => ({ to: send.recipient, body: writer.text(send), send: send.id, reference: referenceOf(send) }),
            sms.send,
          ),
      ),
    );
  }
  const wakeAll = () => senders.forEach((sender) => sender.wake());
  return [...senders, createSendExpiry({ ledger, log, expired: wakeAll, audited })];
}

function outcomeOf(handOver: HandOver): Outcome {
  if (handOver.kind === "unavailable" && handOver.retryAfterMs) return { retryAfterMs: handOver.retryAfterMs };
  return handOver.kind === "unavailable" || handOver.kind === "unknown" ? "unavailable" : "done";
}

/** An outage ends by itself and a refusal doesn't, so somebody has to know. */
function levelOf(handOver: HandOver, { state }: SendResult): "error" | "warn" | "info" {
  if ("refusal" in handOver) return "error";
  return handOver.kind === "unavailable" || state === "failed" || state === "unknown" ? "warn" : "info";
}

async function writeAndSend<Message>(
  write: () => Message,
  send: (message: Message) => Promise<HandOver>,
): Promise<HandOver> {
  let message: Message;
  try {
    message = write();
  } catch (error) {
    return { kind: "rejected", reason: `could not be written: ${error}` };
  }
  return await send(message);
}
