import type { Problem } from "./operations.ts";
import type { Answer } from "./send.ts";

/** The service refused; `problem.type` says why (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;
  readonly status: number;
  readonly headers: Headers;
  /** How often it was asked. */
  readonly attempts: number;

  constructor(
    problem: Problem,
    answer: { headers: Headers; attempts: number },
  ) {
    super(`${problem.status} ${problem.title}: ${problem.detail}`);
    this.problem = problem;
    this.status = problem.status;
    this.headers = answer.headers;
    this.attempts = answer.attempts;
  }

  /** The last part of `problem.type`, such as `slot-unavailable`. */
  get code(): string {
    return this.problem.type.slice(this.problem.type.lastIndexOf("/") + 1);
  }
}

export function mediaTypeOf(headers: Headers): string {
  const [mediaType = ""] = (headers.get("Content-Type") ?? "").split(";");
  return mediaType.trim().toLowerCase();
}

/** What stands between the caller and the service answers in its own way: then the status is all that is known. */
export function readProblem(
  { status, statusText, headers, text }: Answer,
): Problem {
  const known: Problem = {
    type: "about:blank",
    title: statusText || `HTTP ${status}`,
    status,
    detail: "The answer is not a problem document",
  };
  if (mediaTypeOf(headers) !== "application/problem+json") return known;
  try {
    return { ...known, ...JSON.parse(text) as Partial<Problem> | null };
  } catch {
    return known;
  }
}
