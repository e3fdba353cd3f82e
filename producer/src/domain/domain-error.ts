export type DomainErrorCode =
  | "appointment-not-found"
  | "doctor-not-found"
  | "unknown-doctor"
  | "invalid-value"
  | "doctor-retired"
  | "slot-unavailable"
  | "hold-expired"
  | "outside-working-hours"
  | "invalid-transition"
  | "patient-erased"
  | "too-early"
  | "version-mismatch";

/** What is wrong with one field of a command; `field` leads to it by names and indexes. */
export type FieldFault = { readonly field: readonly (string | number)[]; readonly detail: string };

/** A command that the rules refuse. `details` are members of the problem document. */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly faults: readonly FieldFault[];

  constructor(
    code: DomainErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; faults?: readonly FieldFault[]; cause?: unknown } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.name = "DomainError";
    this.code = code;
    this.details = options.details ?? {};
    this.faults = options.faults ?? [];
  }
}

/** A value that is well formed and still can't be accepted; `field` is its name in the command. */
export function invalidValue(field: string, detail: string): DomainError {
  return new DomainError("invalid-value", `${field}: ${detail}`, { faults: [{ field: [field], detail }] });
}

/** A patient whom nothing would reach. */
export function invalidContact(fields: readonly string[]): DomainError {
  const detail = "one of patientEmail and patientPhone is required";
  return new DomainError("invalid-value", `The patient can't be reached: ${detail}`, {
    faults: fields.map((field) => ({ field: [field], detail })),
  });
}
