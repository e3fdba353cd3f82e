export const channels = ["email", "sms"] as const;
export const recipients = ["patient", "doctor"] as const;
export const notifications = ["booked", "moved", "contact", "cancelled", "removed", "reminder"] as const;
export const failureReasons = ["refused", "bounced", "undelivered", "opted_out", "not_handed_over"] as const;

/** Why somebody is not reached about a visit. */
export type ContactProblem = {
  readonly channel: (typeof channels)[number];
  readonly recipient: (typeof recipients)[number];
  /** What was to be told; absent where nothing is told any more. */
  readonly notification?: (typeof notifications)[number];
  readonly reason: (typeof failureReasons)[number];
  readonly since: Date;
};

type Reached = {
  readonly doctorId: string;
  readonly patientEmail: string | undefined;
  readonly patientPhone: string | undefined;
  readonly contactProblems: readonly ContactProblem[];
};

/** The problems that are left where somebody is reached in another way, or another doctor is to be. */
export function remainingProblems(before: Reached, after: Omit<Reached, "contactProblems">): readonly ContactProblem[] {
  return before.contactProblems.filter(({ channel, recipient }) => {
    if (recipient === "doctor") return before.doctorId === after.doctorId;
    return channel === "email"
      ? before.patientEmail === after.patientEmail
      : before.patientPhone === after.patientPhone;
  });
}
