/**
 * What the model knows of the clinic: the states that its commands start from and lead to. It is written from the
 * documents and the API's description, and shares no line with the producer.
 */
export interface DoctorState {
  id: string;
  version: number;
  name: string;
  email: string;
  phone?: string | undefined;
  timeZone: string;
  workingHours: WeeklyHours[];
  exceptions: DayOff[];
  retired: boolean;
}

export interface WeeklyHours {
  weekday: number;
  start: string;
  end: string;
}

export interface DayOff {
  date: string;
  intervals: { start: string; end: string }[];
}

export type VisitStatus = "booked" | "arrived" | "fulfilled" | "cancelled" | "noshow";

export interface VisitState {
  id: string;
  /** Counts every change; the ETag. */
  version: number;
  /** Counts the events. */
  aggregateVersion: number;
  status: VisitStatus;
  doctorId: string;
  startsAt: number;
  durationMinutes: number;
  timeZone: string;
  overbooked: boolean;
  contact: Contact;
  reference?: string | undefined;
  metadata: Record<string, string>;
}

export const CONTACT_FIELDS = ["patientEmail", "patientPhone", "patientName", "locale"] as const;
export type Contact = Partial<Record<typeof CONTACT_FIELDS[number], string | undefined>>;

/** What an event has to say, as far as the state before and the request decide it. */
export interface Told {
  eventName: string;
  /** Of the event's schema. */
  version: number;
  payload: object;
  /** When it happened, where the request says so. */
  at?: number;
}

/** What a command means: how it is answered, what is told of it (exactly one event, or none), and the state after. */
export interface Meaning<State> {
  status: number;
  told?: Told;
  next?: State;
}

export function refused(status: number): Meaning<never> {
  return { status };
}

/** Values that are there: an event has neither null nor undefined. */
export function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
