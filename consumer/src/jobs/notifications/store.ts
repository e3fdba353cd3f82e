import type { Position } from "../../delivery/event-order.ts";
import type { Channel, NewSend } from "./send.ts";
import type { VisitStatus } from "../visit-status.ts";

export interface Doctor {
  doctorId: string;
  position: Position;
  name: string;
  email: string;
  phone: string | undefined;
  timeZone: string;
}

/** An appointment as patient and doctor were last told of it. */
export interface Visit {
  appointmentId: string;
  position: Position;
  /** iCalendar SEQUENCE of the last invitation. */
  sequence: number;
  status: VisitStatus;
  doctorId: string;
  startsAt: Date;
  durationMinutes: number;
  timeZone: string;
  /** One of address and number is there. */
  patientEmail: string | undefined;
  patientPhone: string | undefined;
  patientName: string | undefined;
  locale: string | undefined;
}

export interface Reminder {
  leadMinutes: number;
  dueAt: Date;
  /** Of the event that set it. */
  correlationId: string | undefined;
}

/** What is known when an event has its turn. */
export interface Known {
  /** Nothing is to be kept of the patient; that stays so until the transaction ends. */
  isErased: boolean;
  visit: Visit | undefined;
  /** Those whom the event, or the visit, speaks of. */
  findDoctor(doctorId: string): Doctor | undefined;
  /** Addresses of doctors who were sent an invitation to the visit, or will be. */
  invitedDoctors: ReadonlySet<string>;
}

/** What an event changes; `now` is when. */
export type Change =
  | { doctor: Doctor }
  /** The appointments of a patient of whom nothing is to be kept. */
  | { erase: readonly string[]; now: Date }
  | {
    visit: Visit;
    now: Date;
    /** To be added to the send ledger; one that is there already stays as it is. */
    sends: NewSend[];
    /** Where nothing that waits is to be sent to any more; what a sender holds is not tried again. */
    silenced: { channel: Channel; recipient: string } | undefined;
    /** In place of the visit's earlier ones, which are of no use from now on, also those that have fired already. */
    reminders: Reminder[] | undefined;
  };
