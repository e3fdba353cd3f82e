/** `weekday` 1 is Monday; times are local, `HH:MM`, and `24:00` ends a day. */
export type WorkingInterval = { readonly weekday: number; readonly start: string; readonly end: string };

/** A day whose intervals replace the weekly ones; none means that the doctor is away. */
export type WorkingException = {
  readonly date: string;
  readonly intervals: readonly { readonly start: string; readonly end: string }[];
};

export type Doctor = {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly email: string;
  readonly phone: string | undefined;
  readonly timeZone: string;
  readonly workingHours: readonly WorkingInterval[];
  readonly exceptions: readonly WorkingException[];
  /** Since when nobody is booked with the doctor any more. */
  readonly retiredAt: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
