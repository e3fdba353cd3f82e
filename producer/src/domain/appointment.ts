/** FHIR's words for the state of an appointment. */
export const statuses = ["booked", "arrived", "fulfilled", "cancelled", "noshow"] as const;
export type Status = (typeof statuses)[number];

export const cancellers = ["patient", "doctor", "clinic"] as const;

export type Appointment = {
  readonly id: string;
  readonly version: number;
  readonly status: Status;
  readonly doctorId: string;
  readonly startsAt: Date;
  readonly durationMinutes: number;
  readonly timeZone: string;
  readonly patientEmail: string;
  readonly patientPhone: string | undefined;
  readonly locale: string | undefined;
  readonly overbooked: boolean;
  readonly cancelledBy: (typeof cancellers)[number] | undefined;
  readonly reasonCode: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export function endOf(visit: { readonly startsAt: Date; readonly durationMinutes: number }): Date {
  return new Date(visit.startsAt.getTime() + visit.durationMinutes * 60_000);
}
