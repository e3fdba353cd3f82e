import type { DomainErrorCode } from "../domain/domain-error.ts";

export type ProblemCode =
  | DomainErrorCode
  | "malformed-request"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "method-not-allowed"
  | "invalid-cursor"
  | "precondition-required"
  | "idempotency-key-in-use"
  | "idempotency-key-reused"
  | "rate-limited"
  | "body-too-large"
  | "unsupported-media-type"
  | "internal-error"
  | "unavailable";

type Kind = {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 422 | 428 | 429 | 500 | 503;
  readonly title: string;
};

/** Every problem that this API can answer with. */
export const problems: Readonly<Record<ProblemCode, Kind>> = {
  "malformed-request": { status: 400, title: "The request can't be understood" },
  "invalid-value": { status: 400, title: "A value is not acceptable" },
  "invalid-cursor": { status: 400, title: "The cursor is not acceptable" },
  "unknown-doctor": { status: 400, title: "There is no such doctor" },
  "unauthenticated": { status: 401, title: "Credentials are missing or wrong" },
  "forbidden": { status: 403, title: "The caller may not do this" },
  "not-found": { status: 404, title: "There is nothing at this address" },
  "appointment-not-found": { status: 404, title: "There is no such appointment" },
  "doctor-not-found": { status: 404, title: "There is no such doctor" },
  "method-not-allowed": { status: 405, title: "This address does not take that method" },
  "doctor-retired": { status: 409, title: "The doctor takes no visits any more" },
  "slot-unavailable": { status: 409, title: "The doctor has another visit at that time" },
  "hold-expired": { status: 409, title: "The time is not held any more" },
  "outside-working-hours": { status: 409, title: "The doctor does not work at that time" },
  "invalid-transition": { status: 409, title: "The appointment's status does not allow this" },
  "patient-erased": { status: 409, title: "Nothing is kept of the appointment's patient any more" },
  "too-early": { status: 409, title: "The visit is too far in the future for this" },
  "version-mismatch": { status: 412, title: "The resource was changed in the meantime" },
  "idempotency-key-in-use": { status: 409, title: "The first request with this Idempotency-Key is still running" },
  "body-too-large": { status: 413, title: "The request's body is too large" },
  "unsupported-media-type": { status: 415, title: "The request's body has the wrong media type or content coding" },
  "idempotency-key-reused": { status: 422, title: "The Idempotency-Key was used for another request" },
  "precondition-required": { status: 428, title: "The request needs a precondition" },
  "rate-limited": { status: 429, title: "Too many requests" },
  "internal-error": { status: 500, title: "Something went wrong on our side" },
  "unavailable": { status: 503, title: "The service can't answer at the moment" },
};

/** What is wrong with one field: where it was sent, an RFC 6901 pointer as a URI fragment, and why. */
export type FieldError = {
  readonly in: "body" | "query" | "path" | "header";
  readonly pointer: string;
  readonly detail: string;
};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
};

/** An RFC 9457 document. */
export function toProblem(code: ProblemCode, detail: string, members: Readonly<Record<string, unknown>> = {}): Problem {
  return { type: `/problems/${code}`, ...problems[code], detail, ...members };
}
