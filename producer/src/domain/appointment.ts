import { type ContactProblem, remainingProblems } from "./contact-problem.ts";
import { DomainError } from "./domain-error.ts";

/** FHIR's words for the state of an appointment. */
export const statuses = ["booked", "arrived", "fulfilled", "cancelled", "noshow"] as const;
export type Status = (typeof statuses)[number];

export const cancellers = ["patient", "doctor", "clinic"] as const;

/** The caller's own notes, never published. */
export type Metadata = Readonly<Record<string, string>>;

export type Appointment = {
  readonly id: string;
  /** Counts every change. */
  readonly version: number;
  /** Counts those that an event told of. */
  readonly aggregateVersion: number;
  readonly status: Status;
  readonly doctorId: string;
  readonly startsAt: Date;
  readonly durationMinutes: number;
  readonly timeZone: string;
  /** One of address and number is there, until the patient is erased. */
  readonly patientEmail: string | undefined;
  readonly patientPhone: string | undefined;
  readonly patientName: string | undefined;
  readonly locale: string | undefined;
  /** The caller's own id of the visit, or of what it belongs to. */
  readonly reference: string | undefined;
  readonly metadata: Metadata;
  readonly overbooked: boolean;
  readonly cancelledBy: (typeof cancellers)[number] | undefined;
  readonly reasonCode: string | undefined;
  /** Since when nothing of the patient is kept. */
  readonly erasedAt: Date | undefined;
  /** Who is not reached about it, and why. */
  readonly contactProblems: readonly ContactProblem[];
  /** Counts how often those were reported or taken back, which is no change of the appointment. */
  readonly contactRevision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** What may be done in each status. A cancellation stays: patient and doctor were told, and their calendars emptied. */
const allowed: Readonly<Record<Status, readonly string[]>> = {
  booked: ["reschedule", "arrive", "cancel", "no-show"],
  arrived: ["complete", "reopen"],
  fulfilled: ["reopen"],
  cancelled: [],
  noshow: ["reopen"],
};

export function endOf(visit: { readonly startsAt: Date; readonly durationMinutes: number }): Date {
  return new Date(visit.startsAt.getTime() + visit.durationMinutes * 60_000);
}

/** The next version, with these changes, which an event tells of. */
export function advance(current: Appointment, now: Date, changes: Partial<Appointment>): Appointment {
  return { ...amend(current, now, changes), aggregateVersion: current.aggregateVersion + 1 };
}

/** The next version, with these changes, of which nobody is told. */
export function amend(current: Appointment, now: Date, changes: Partial<Appointment>): Appointment {
  const next = { ...current, ...changes, version: current.version + 1, updatedAt: now };
  return { ...next, contactProblems: remainingProblems(current, next) };
}

export function requireTransition(current: Appointment, transition: string): void {
  if (allowed[current.status].includes(transition)) return;
  throw new DomainError("invalid-transition", `An appointment that is ${current.status} does not allow ${transition}`, {
    details: { currentStatus: current.status, allowedTransitions: allowed[current.status] },
  });
}

/** What needs a patient: a visit that nobody can be told of is neither moved nor given to somebody else. */
export function requirePatient({ id, erasedAt }: Appointment): void {
  if (erasedAt === undefined) return;
  throw new DomainError("patient-erased", `The patient of the appointment ${id} was erased`);
}

export function requireAppointment(appointment: Appointment | undefined, id: string): Appointment {
  if (appointment) return appointment;
  throw new DomainError("appointment-not-found", `There is no appointment ${id}`);
}
