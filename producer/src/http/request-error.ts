import type { FieldError, ProblemCode } from "./problem.ts";

/** A request that HTTP itself, and not a rule of the domain, makes us refuse. */
export class RequestError extends Error {
  readonly code: ProblemCode;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** What the log says besides, and the caller is not told. */
  readonly logged: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    detail: string,
    answer: {
      members?: Record<string, unknown>;
      headers?: Record<string, string>;
      logged?: Record<string, unknown>;
    } = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = "RequestError";
    this.code = code;
    this.members = answer.members ?? {};
    this.headers = answer.headers ?? {};
    this.logged = answer.logged ?? {};
  }
}

export function malformed(detail: string, errors: readonly FieldError[] = []): RequestError {
  return new RequestError("malformed-request", detail, errors.length > 0 ? { members: { errors } } : {});
}

/** RFC 6901, as a URI fragment. */
export function pointerTo(path: readonly (string | number)[]): string {
  const escaped = path.map((key) => encodeURIComponent(String(key).replaceAll("~", "~0").replaceAll("/", "~1")));
  return `#${escaped.map((key) => `/${key}`).join("")}`;
}
