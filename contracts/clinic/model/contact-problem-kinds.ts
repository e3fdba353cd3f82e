import { createHash, randomUUID } from "node:crypto";
import fc, { type Arbitrary } from "fast-check";
import { change } from "./change-visit.ts";
import type { Meaning, VisitState } from "./clinic.ts";
import { changeContact } from "./contact-commands.ts";
import * as values from "./values.ts";
import { type Kind, visitKind } from "./walk-command.ts";
import { act } from "./walked-clinic.ts";

/** What the notifications report of a visit. It is told, and no change of the visit. */

const digestOf = (contact: string) => createHash("sha256").update(contact).digest("hex");
/** Of a report, which is an aggregate with one event. */
const onlyVersion = () => 1;
const isToCome = ({ status, startsAt, durationMinutes }: VisitState, now: number) =>
  (status === "booked" || status === "arrived") && startsAt + durationMinutes * 60_000 > now;

const failure = fc.record({
  recipient: fc.constantFrom("patient", "doctor"),
  notification: fc.constantFrom("booked", "moved", "contact", "cancelled", "removed", "reminder"),
  reason: fc.constantFrom("refused", "bounced", "undelivered", "opted_out", "not_handed_over"),
  minutesAgo: fc.nat(600),
});

function failed(channel: "email" | "sms", reached: Arbitrary<boolean>): Kind {
  return visitKind(`a notification failed: ${channel}`, fc.tuple(failure, reached), async (context) => {
    const { clinic, producer, visit, what, manner, values: [drawn, isPresent] } = context as typeof context & {
      values: [typeof failure extends Arbitrary<infer Drawn> ? Drawn : never, boolean];
    };
    const { minutesAgo, ...rest } = drawn;
    const { patientEmail, patientPhone } = visit.contact;
    const present = channel === "email" ? patientEmail?.toLowerCase() : patientPhone;
    const at = producer.api.now() - minutesAgo * 60_000;
    const payload = { appointmentId: visit.id, channel, ...rest };
    const id = randomUUID();
    const contact = digestOf(isPresent && present !== undefined ? present : "another one");
    await act(clinic, producer, {
      what,
      call: {
        method: "POST",
        path: "/ops/failed-notifications",
        body: { id, ...payload, contact, failedAt: new Date(at).toISOString() },
      },
      manner,
      meaning: { status: 200, told: { eventName: "notification.failed", version: 1, payload, at }, next: {} },
      aggregateVersionOf: onlyVersion,
    });
  });
}

/** The number is changed to one that nobody else has, and then wants nothing more. */
const optedOut = visitKind("a number opted out", fc.tuple(values.phone, fc.boolean()), async (context) => {
  const { clinic, producer, what } = context;
  const manner = { ...context.manner, stale: false };
  const patientPhone = `+888${Number.parseInt(randomUUID().slice(0, 8), 16)}`;
  const patch = { contact: { patientPhone } };
  const changing = { ...context, manner };
  await change(changing, { method: "PATCH", path: "", body: patch.contact }, changeContact(patch, context.visit));
  const visit = clinic.visits.find(({ id }) => id === context.visit.id) as VisitState;
  const at = producer.api.now();
  const payload = { channel: "sms", appointmentIds: [visit.id] };
  const told = { eventName: "patient.opted_out", version: 1, payload, at };
  const report = async (optedOut: boolean, meaning: Meaning<object>) => {
    const body = { id: randomUUID(), channel: "sms", contact: digestOf(patientPhone), optedOut };
    await act(clinic, producer, {
      what,
      call: { method: "POST", path: "/ops/opt-outs", body: { ...body, at: new Date(at).toISOString() } },
      manner,
      meaning,
      aggregateVersionOf: onlyVersion,
    });
  };
  await report(true, { status: 200, ...(isToCome(visit, producer.api.now()) && { told }), next: {} });
  await report(false, { status: 200, next: {} });
});

export const contactProblemKinds: Kind[] = [
  failed("email", fc.boolean()),
  failed("sms", fc.boolean()),
  optedOut,
];
