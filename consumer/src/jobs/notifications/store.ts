import type { Position } from "../../delivery/event-order.ts";
import type { ErasureReport } from "./erase-patient.ts";
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

/** What the notifications job knows and writes; everything commits together with its inbox row. */
export interface NotificationStore {
  /** Whether nothing is to be kept of the patient; that stays so until the transaction ends. */
  isErased(appointmentId: string): Promise<boolean>;
  /** Clears what is kept of the patient of these appointments. */
  erase(appointmentIds: readonly string[], now: Date): Promise<ErasureReport>;
  findDoctor(doctorId: string): Promise<Doctor | undefined>;
  /** Keeps the later state, by its position, or one that supersedes; false when that is the one that was known. */
  saveDoctor(doctor: Doctor, supersedes?: boolean): Promise<boolean>;
  /** Locks the visit until the transaction ends, so that its events are handled one at a time. */
  findVisit(appointmentId: string): Promise<Visit | undefined>;
  saveVisit(visit: Visit): Promise<void>;
  /** Addresses of doctors who were sent an invitation to the visit, or will be. */
  findInvitedDoctors(appointmentId: string): Promise<Set<string>>;
  /** Adds rows to the send ledger; one that is there already stays as it is. */
  addSends(sends: NewSend[]): Promise<void>;
  /** Ends what waits to be sent about the visit to this recipient; what a sender holds is not tried again. */
  dropSends(appointmentId: string, to: { channel: Channel; recipient: string }, now: Date): Promise<void>;
  /** Sets these reminders. The visit's earlier ones are of no use from now on, also those that have fired already. */
  replaceReminders(appointmentId: string, reminders: Reminder[], now: Date): Promise<void>;
}
