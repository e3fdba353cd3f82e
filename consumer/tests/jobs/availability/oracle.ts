import type { Command, Telling } from "./commands.ts";
import type { RawEvent } from "../../support/handle-event.ts";

/** One appointment as the producer keeps it. */
export interface OracleVisit {
  id: string;
  version: number;
  status: "booked" | "arrived" | "completed" | "no_show" | "cancelled";
  doctorId: string;
  startsAt: number;
  durationMinutes: number;
  overbooked: boolean;
}

export interface OracleDoctor {
  version: number;
  timeZone: string;
  workingHours: { weekday: number; start: string; end: string }[];
  exceptions: { date: string; intervals: { start: string; end: string }[] }[];
}

const transitions = {
  cancel: { from: ["booked"], to: "cancelled", eventName: "appointment.cancelled" },
  arrive: { from: ["booked"], to: "arrived", eventName: "appointment.arrived" },
  complete: { from: ["arrived"], to: "completed", eventName: "appointment.completed" },
  miss: { from: ["booked"], to: "no_show", eventName: "appointment.no_show" },
  reopen: { from: ["arrived", "completed", "no_show"], to: "booked", eventName: "appointment.reopened" },
} as const;

const minute = 60_000;

/** The producer's side: carries out commands in order, keeps the rows that its constraint guards, tells the events. */
export function playHistory(
  doctorIds: string[],
  newId: () => string,
  commands: Command[],
  { firstDay, telling: { versioned, atOnce } }: { firstDay: number; telling: Telling },
) {
  const visits: OracleVisit[] = [];
  const doctors = new Map<string, OracleDoctor>();
  const events: RawEvent[] = [];
  let clock = Date.parse("2026-03-01T00:00:00Z");
  /** When each visit was moved last, and each doctor told of: without versions nobody could put two in order. */
  const lastMoves = new Map<string, number>();
  /** The same of the visits' other events: what takes one back comes after it, and before what comes next. */
  const lastTold = new Map<string, number>();
  const lastReopened = new Map<string, number>();

  function tell(eventName: string, aggregateId: string, aggregateVersion: number, payload: object): void {
    const reopens = eventName === "appointment.reopened";
    const moves = eventName === "appointment.rescheduled" || eventName === "doctor.updated" || reopens;
    const before = reopens ? lastTold : moves ? lastMoves : lastReopened;
    const follows = [before, lastReopened].some((last) => last.get(aggregateId) === clock);
    if (!atOnce[events.length % atOnce.length] || follows) clock += 1000;
    if (moves) lastMoves.set(aggregateId, clock);
    if (reopens) lastReopened.set(aggregateId, clock);
    lastTold.set(aggregateId, clock);
    const timestamp = new Date(clock).toISOString();
    const position = versioned[events.length % versioned.length] ? { aggregateVersion } : {};
    events.push({ eventName, aggregateId, timestamp, version: 1, eventId: newId(), ...position, payload });
  }

  const place = ({ doctorId, startsAt, durationMinutes, overbooked }: OracleVisit) => ({
    doctorId,
    appointmentDate: new Date(startsAt).toISOString(),
    durationMinutes,
    ...(overbooked && { overbooked }),
  });

  for (const command of commands) {
    if (command.kind === "putDoctor") {
      const doctorId = doctorIds[command.doctor]!;
      const version = (doctors.get(doctorId)?.version ?? 0) + 1;
      doctors.set(doctorId, { ...command.hours, version });
      tell("doctor.updated", doctorId, version, { name: "Doc", email: "doc@example.org", ...command.hours });
    } else if (command.kind === "book") {
      const visit: OracleVisit = {
        id: newId(),
        version: 1,
        status: "booked",
        doctorId: doctorIds[command.doctor]!,
        startsAt: firstDay + command.slot * 15 * minute,
        durationMinutes: command.durationMinutes ?? 30,
        overbooked: command.overbook,
      };
      visits.push(visit);
      const { durationMinutes, ...rest } = place(visit);
      const told = command.durationMinutes === undefined ? rest : { ...rest, durationMinutes };
      tell("appointment.created", visit.id, 1, { ...told, patientEmail: "pat@example.org" });
    } else {
      const visit = visits[command.visit % Math.max(1, visits.length)];
      if (visit) change(visit, command);
    }
  }

  function change(visit: OracleVisit, command: Exclude<Command, { kind: "book" | "putDoctor" }>): void {
    if (command.kind === "changeContact") {
      visit.version += 1;
      tell("appointment.contact_changed", visit.id, visit.version, { patientEmail: "new@example.org" });
    } else if (command.kind === "reschedule") {
      if (visit.status !== "booked") return;
      const { doctorId: previousDoctorId, appointmentDate: previousAppointmentDate } = place(visit);
      const previous = { previousDoctorId, previousAppointmentDate, previousDurationMinutes: visit.durationMinutes };
      visit.version += 1;
      visit.doctorId = doctorIds[command.doctor]!;
      visit.startsAt = firstDay + command.slot * 15 * minute;
      visit.durationMinutes = command.durationMinutes;
      visit.overbooked = command.overbook;
      tell("appointment.rescheduled", visit.id, visit.version, { ...place(visit), ...previous });
    } else {
      const { from, to, eventName } = transitions[command.kind];
      if (!(from as readonly string[]).includes(visit.status)) return;
      const previousStatus = visit.status;
      visit.version += 1;
      visit.status = to;
      tell(eventName, visit.id, visit.version, {
        ...place(visit),
        ...(command.kind === "reopen" && { previousStatus }),
      });
    }
  }

  return { events, visits, doctors };
}

/**
 * Free slots found the long way: a quarter of an hour after another on the wall clock, against the producer's rows. A
 * slot begins a whole number of slots after the interval that it begins in, and every quarter of it is worked.
 */
export function oracleSlots(
  doctor: OracleDoctor,
  visits: OracleVisit[],
  range: { from: number; to: number; now: number },
  durationMinutes: number,
): number[] {
  const wallClock = new Intl.DateTimeFormat("en-CA", {
    timeZone: doctor.timeZone,
    hourCycle: "h23",
    dateStyle: "short",
    timeStyle: "short",
  });
  const length = durationMinutes * minute;
  const onGrid: number[] = [];
  const worked = new Set<number>();
  const begins = new Map<string, number>();
  let working: string[] = [];
  // A day earlier, so that work that began before the range is known from its beginning.
  for (let at = range.from - 24 * 60 * minute; at < range.to + 24 * 60 * minute; at += 15 * minute) {
    const [date = "", clock = ""] = wallClock.format(at).split(", ");
    const before = working;
    working = intervalsAt(doctor, date, clock);
    if (working.length > 0) worked.add(at);
    for (const interval of working) {
      if (!before.includes(interval)) begins.set(interval, at);
      if ((at - begins.get(interval)!) % length === 0) onGrid.push(at);
    }
  }
  const isFree = (start: number) =>
    !visits.some((visit) =>
      !visit.overbooked && (visit.status === "booked" || visit.status === "arrived") &&
      visit.startsAt < start + length && visit.startsAt + visit.durationMinutes * minute > start
    );
  const isWorked = (start: number) => {
    for (let at = start; at < start + length; at += 15 * minute) if (!worked.has(at)) return false;
    return true;
  };
  return onGrid.filter((start) =>
    range.from <= start && start < range.to && start > range.now && isWorked(start) && isFree(start)
  );
}

/** The intervals that the wall clock is in, each with its date. */
function intervalsAt({ workingHours, exceptions }: OracleDoctor, date: string, clock: string): string[] {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
  const intervals = exceptions.find((candidate) => candidate.date === date)?.intervals ??
    (workingHours.length === 0
      ? [{ start: "00:00", end: "24:00" }]
      : workingHours.filter((interval) => interval.weekday === weekday));
  return intervals.filter(({ start, end }) => start <= clock && clock < end).map(({ start }) => `${date} ${start}`);
}
