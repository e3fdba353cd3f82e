import { doctor } from "../doctor.ts";
import type { Asked, Step, Visit } from "./load.ts";
import { count, type Seen } from "./seen.ts";

export interface Verdict {
  /** Effects of what was acknowledged that nobody had. */
  lost: string[];
  /** Effects that came more than once. */
  doubled: string[];
  /** Effects of what was never promised, and states that differ from what was acknowledged. */
  wrong: string[];
  /** Mails and text messages of which the ledger tells a person that they may have been taken. */
  unknown: number;
}

/** How the ids begin of what strangers publish: the audit trail records every event that can be read, whoever sent it. */
export const strangersId = "00000000-0000-4000-8000-";

const eventNames: Record<Step, string> = {
  booked: "appointment.created",
  moved: "appointment.rescheduled",
  cancelled: "appointment.cancelled",
};
/** `erased`: there was nothing left to be done for the patient. */
const handled = ["applied", "ignored", "erased"];
const jobsOfEveryEvent = ["notifications", "availability", "audit", "calendar"];

/**
 * Holds what callers were promised against what can be seen from outside. It knows the words of the mails and the
 * promises, and no table and no code of the services.
 */
export function judge({ visits, wrong }: Asked, seen: Seen): Verdict {
  const verdict: Verdict = { lost: [], doubled: [], wrong: [...wrong], unknown: 0 };

  /** Who is erased is not written to any more: what was under way by then may not come. */
  const mayBeSilent = (visit: Visit, times: number, unknown: number) => visit.erased ? times : unknown;

  function expectCount(what: string, found: number, expected: number, unknown = 0): void {
    if (found > expected) verdict.doubled.push(`${what}: ${found} of ${expected}`);
    else if (found + unknown < expected) verdict.lost.push(`${what}: ${found} of ${expected}, ${unknown} unknown`);
  }

  function judgeMails(visit: Visit, step: Step, times: number): void {
    const { id, patientEmail } = visit;
    for (const reader of ["patient", "doctor"] as const) {
      const found = count(seen.mails, (mail) => (
        mail.step === step && mail.reader === reader && mail.patientEmail === patientEmail
      ));
      const unknown = count(seen.unknown, (send) => (
        send.appointmentId === id && send.channel === "email" && send.template === `${reader}-${step}`
      ));
      expectCount(`mail ${step} of ${id} to the ${reader}`, found, times, mayBeSilent(visit, times, unknown));
    }
  }

  /** Patient and doctor get the same words; those of the doctor are known by the slot, which is used once. */
  function judgeTexts(visit: Visit, step: Step, times: number): void {
    const unknown = count(seen.unknown, (send) => (
      send.appointmentId === visit.id && send.channel === "sms" && send.template === `sms-${step}`
    ));
    const own = seen.texts.filter((text) => text.to === visit.patientPhone && text.step === step);
    const doctors = own.map(({ body }) => count(seen.texts, (text) => text.to === doctor.phone && text.body === body));
    const missing = mayBeSilent(visit, times, unknown);
    expectCount(`text ${step} of ${visit.id} to the patient`, own.length, times, missing);
    const toDoctor = doctors.reduce((sum, one) => sum + one, 0);
    expectCount(`text ${step} of ${visit.id} to the doctor`, toDoctor, times, missing);
  }

  function judgeAudit(visit: Visit, step: Step, times: number): void {
    const jobs = step === "booked" ? [...jobsOfEveryEvent, "analytics"] : jobsOfEveryEvent;
    const rows = seen.audit.filter(({ aggregateId, eventName }) => (
      aggregateId === visit.id && eventName === eventNames[step]
    ));
    for (const job of jobs) {
      const found = count(rows, (row) => row.job === job && handled.includes(row.action));
      expectCount(`${step} of ${visit.id} in ${job}`, found, times);
    }
    expectCount(`${step} of ${visit.id} as recorded`, count(rows, ({ action }) => action === "recorded"), times);
  }

  function judgeState(visit: Visit): void {
    const isOver = visit.steps.at(-1) === "cancelled";
    const at = Date.parse(visit.startsAt);
    const entries = seen.entries.filter(({ appointmentId, startsAt }) => (
      visit.erased ? appointmentId === undefined && startsAt === at : appointmentId === visit.id
    ));
    if (isOver && entries.length > 0) verdict.wrong.push(`the calendar still has ${visit.id}`);
    else if (!isOver) expectCount(`calendar entry of ${visit.id}`, entries.length, 1);
    if (!isOver && entries.some((entry) => entry.startsAt !== at)) {
      verdict.wrong.push(`the calendar has ${visit.id} at another time`);
    }
    const stored = seen.appointments.get(visit.id);
    if (!stored) verdict.lost.push(`${visit.id} at the API`);
    else if (stored.startsAt !== at || stored.status !== (isOver ? "cancelled" : "booked")) {
      verdict.wrong.push(`the API has ${visit.id} ${stored.status} at ${new Date(stored.startsAt).toISOString()}`);
    }
    if (seen.freeSlots.has(at) !== isOver) {
      verdict.wrong.push(`the time of ${visit.id} is ${isOver ? "not free" : "free"} for the job availability`);
    }
  }

  function judgeErasure({ id }: Visit): void {
    for (const what of seen.kept.get(id) ?? ["unknown things"]) verdict.wrong.push(`${what} of ${id} are still kept`);
    if (seen.entries.some(({ appointmentId }) => appointmentId === id)) {
      verdict.wrong.push(`the calendar still says that it is about ${id}`);
    }
  }

  /** Each erasure is told once, under an id of its own. */
  function judgeAnnouncements(expected: number): void {
    const told = seen.audit.filter(({ eventName, action }) => eventName === "patient.erased" && action === "recorded");
    expectCount("patient.erased in the audit trail", told.length, expected);
  }

  for (const visit of visits) {
    for (const step of Object.keys(eventNames) as Step[]) {
      const times = count(visit.steps, (one) => one === step);
      judgeMails(visit, step, times);
      judgeTexts(visit, step, times);
      judgeAudit(visit, step, times);
    }
    judgeState(visit);
    if (visit.erased) judgeErasure(visit);
  }
  judgeAnnouncements(count(visits, ({ erased }) => erased === true));
  const patients = new Set(visits.map(({ patientEmail }) => patientEmail));
  for (const address of new Set(seen.mails.map(({ patientEmail }) => patientEmail))) {
    if (!patients.has(address)) verdict.wrong.push(`mail about ${address}, who has no appointment`);
  }
  const known = new Set([doctor.id, ...visits.map(({ id }) => id)]);
  for (const { action, aggregateId, eventName } of seen.audit) {
    if (
      action !== "recorded" || eventName === "patient.erased" || known.has(aggregateId) ||
      aggregateId.startsWith(strangersId)
    ) continue;
    verdict.wrong.push(`${aggregateId} was never acknowledged and is in the audit trail`);
  }
  verdict.wrong.push(...seen.auditProblems);
  verdict.unknown = seen.unknown.length;
  return verdict;
}
