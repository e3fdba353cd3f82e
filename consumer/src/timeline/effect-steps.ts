import type { EntryFact, Facts, OutcomeFact, ReminderFact, SendFact } from "./facts.ts";
import { auditProof } from "./job-steps.ts";
import { type Step, step, type StepState } from "./timeline.ts";

/** What is due is taken within a second; a server that is away for longer is worth a look. */
const lateMs = 30_000;

const channels = { email: "e-mail", sms: "text message" } as const;

function stateOfSend({ state, settledAs, dueAt }: SendFact, now: Date): StepState {
  if (state === "sent") return "done";
  if (state === "dropped") return "void";
  if (state === "failed") return settledAs === null ? "failed" : "void";
  if (state === "unknown") return settledAs === null ? "failed" : "done";
  if (state === "pending" && dueAt > now) return "planned";
  return now.getTime() - dueAt.getTime() > lateMs ? "stuck" : "waiting";
}

/** A send of the ledger, with what the other side answered when it took it. */
export function sendStep(send: SendFact, outcomes: OutcomeFact[], now: Date): Step {
  const { id, channel, template, recipient, state, attempts, createdAt, updatedAt, dueAt, reason, reference } = send;
  const { receipt, receiptAt } = send;
  const audited = auditProof(outcomes.findLast(({ action, detail }) => action === state && detail?.["send"] === id));
  const open = state === "pending" || state === "sending";
  const stepState = stateOfSend(send, now);
  const waitsFor = state === "pending"
    ? dueAt > now ? `its time, ${dueAt.toISOString()}` : channel === "email" ? "the mail server" : "the SMS gateway"
    : state === "sending"
    ? "the answer of the other side"
    : stepState === "failed"
    ? state === "unknown" ? "a person: did it arrive?" : "a person: send it again or settle it"
    : null;
  return step("notifications", `${channels[channel]} ${template}: ${state}`, stepState, {
    at: open ? null : updatedAt,
    attempts,
    detail: reason,
    waitsFor,
    since: waitsFor === null ? null : open ? createdAt : updatedAt,
    send: id,
    proof: {
      ...(recipient !== null && { "to": recipient }),
      [channel === "email" ? "Message-ID" : "Idempotency-Key"]: send.knownAs,
      ...(reference !== null && { [channel === "email" ? "SMTP response" : "gateway's id"]: reference }),
      ...(receipt !== null && receiptAt && { "receipt": `${receipt} at ${receiptAt.toISOString()}` }),
      ...(send.contentHash !== null &&
        { [channel === "email" ? "mail's SHA-256" : "text's SHA-256"]: send.contentHash }),
      ...audited.proof,
    },
    receipt: audited.receipt,
  });
}

const entryStates: Record<EntryFact["state"], StepState> = {
  pending: "waiting",
  done: "done",
  conflict: "failed",
  failed: "failed",
  off: "void",
};

/** What the doctor's calendar should have of the visit, and has. */
export function entryStep(entry: EntryFact, outcomes: OutcomeFact[], now: Date): Step {
  const { doctorId, state, wanted, attempts, wantedAt, etag, resource, lastError } = entry;
  const outcome = outcomes.findLast(({ job, action, detail }) =>
    job === "calendar" && ["written", "removed", "conflict", "failed"].includes(action) &&
    detail?.["doctorId"] === doctorId
  );
  const audited = auditProof(outcome);
  const late = state === "pending" && now.getTime() - wantedAt.getTime() > lateMs;
  const waitsFor = state === "pending"
    ? "the calendar server"
    : state === "conflict"
    ? "a person: overwrite the entry or leave it"
    : state === "failed"
    ? "a person: the server refuses it"
    : null;
  return step(
    "calendar",
    `entry of ${doctorId} ${wanted ? "written" : "removed"}: ${state}`,
    late ? "stuck" : entryStates[state],
    {
      at: state === "done" ? outcome?.occurredAt ?? wantedAt : null,
      attempts,
      detail: lastError,
      waitsFor,
      since: waitsFor === null ? null : wantedAt,
      proof: {
        ...(etag !== null && { "calendar's ETag": etag }),
        ...(state === "done" && { resource: `${resource}.ics` }),
        ...audited.proof,
      },
      receipt: audited.receipt,
    },
  );
}

export function reminderStep({ leadMinutes, dueAt }: ReminderFact, now: Date): Step {
  const late = now.getTime() - dueAt.getTime() > lateMs;
  return step(
    "notifications",
    `reminder ${leadMinutes} minutes ahead`,
    late ? "stuck" : dueAt > now ? "planned" : "waiting",
    {
      waitsFor: `its time, ${dueAt.toISOString()}`,
      since: late ? dueAt : null,
    },
  );
}

/** Those that this event left. */
export function effectSteps(facts: Facts, eventKey: string, now: Date): Step[] {
  return [
    ...facts.sends.filter((send) => send.eventKey === eventKey).map((send) => sendStep(send, facts.outcomes, now)),
    ...facts.entries.filter((entry) => entry.eventKey === eventKey).map((entry) =>
      entryStep(entry, facts.outcomes, now)
    ),
  ];
}
