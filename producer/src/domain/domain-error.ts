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
  | "too-early"
  | "version-mismatch";

/** A command that the rules refuse. `details` are members of the problem document. */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: DomainErrorCode, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "DomainError";
    this.code = code;
    this.details = details;
  }
}

/** A value that is well formed and still can't be accepted; `field` is its name in the request. */
export function invalidValue(field: string, detail: string): DomainError {
  return new DomainError("invalid-value", `${field}: ${detail}`, {
    errors: [{ in: "body", pointer: `#/${field}`, detail }],
  });
}

/** A patient whom nothing would reach. */
export function invalidContact(fields: readonly string[]): DomainError {
  const detail = "one of patientEmail and patientPhone is required";
  return new DomainError("invalid-value", `The patient can't be reached: ${detail}`, {
    errors: fields.map((field) => ({ in: "body", pointer: `#/${field}`, detail })),
  });
}
