import type { EventDraft } from "../domain/decision.ts";
import { eventNames } from "../generated/events.ts";
import { fieldLimits } from "../generated/field-limits.ts";
import { commandContext, toReply } from "../http/command-context.ts";
import { serve, type Served } from "../http/serve-operation.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import * as operations from "./contact-problem-operations.ts";
import { type FailedNotification, keepFailure, keepOptOut } from "./report-store.ts";

const { maxItems: maxIds } = fieldLimits.appointmentIds;

/** What the notifications report: kept with the appointments and told to the others, or neither. */
export function serveContactProblems(deps: { commandPath: CommandPath; now: () => Date }): Served[] {
  const { commandPath, now } = deps;
  /** Another clock may be ahead; nothing has happened that is still to come. */
  const untilNow = (time: Date) => new Date(Math.min(time.getTime(), now().getTime()));
  const answering = (body: object) => ({ status: 200, headers: {}, body: JSON.stringify(body) });

  return [
    serve(operations.reportFailedNotification, async ({ body }, call) => {
      const { failedAt, ...rest } = body;
      const failure = { ...rest, since: untilNow(failedAt) };
      const executed = await commandPath.executeAnnounced(async (tx) => {
        const { isNew, isShown } = await keepFailure(tx, failure, now());
        return {
          aggregate: { type: "notification", id: failure.id },
          events: isNew ? [failureEvent(failure)] : [],
          occurredAt: failure.since,
          answer: answering({ id: failure.id, shown: isShown }),
        };
      }, commandContext(call));
      return { ...toReply(executed), resource: failure.id };
    }),
    serve(operations.reportOptOut, async ({ body }, call) => {
      const optOut = { ...body, at: untilNow(body.at) };
      const executed = await commandPath.executeAnnounced(async (tx) => {
        const appointmentIds = await keepOptOut(tx, optOut, now()) ?? [];
        return {
          aggregate: { type: "patient", id: optOut.id },
          events: optOut.optedOut ? optOutEvents(optOut.channel, appointmentIds) : [],
          occurredAt: optOut.at,
          answer: answering({ id: optOut.id, appointments: appointmentIds.length }),
        };
      }, commandContext(call));
      return { ...toReply(executed), resource: optOut.id };
    }),
  ];
}

function failureEvent(failure: FailedNotification): EventDraft {
  const { appointmentId, channel, recipient, notification, reason } = failure;
  return {
    eventName: eventNames.notificationFailed,
    payload: { appointmentId, channel, recipient, notification, reason },
  };
}

/** In as many events as it takes. */
function optOutEvents(channel: "sms", appointmentIds: readonly string[]): EventDraft[] {
  return Array.from({ length: Math.ceil(appointmentIds.length / maxIds) }, (_, part) => ({
    eventName: eventNames.patientOptedOut,
    payload: { channel, appointmentIds: appointmentIds.slice(part * maxIds, (part + 1) * maxIds) },
  }));
}
