import type { Context } from "hono";
import { DomainError } from "../domain/domain-error.ts";
import { KeysAwayError } from "../patient-keys/keys-guard.ts";
import { IdempotencyConflict } from "../postgres/idempotency-store.ts";
import { isUnavailable } from "../postgres/is-unavailable.ts";
import { isConflict } from "../postgres/retry-conflict.ts";
import { errorText } from "../telemetry/error-text.ts";
import { type Problem, toProblem } from "./problem.ts";
import type { HttpEnv } from "./request-context.ts";
import { pointerTo, RequestError } from "./request-error.ts";

type Headers = Readonly<Record<string, string>>;

export function answerProblem(problem: Problem, c: Context<HttpEnv>, headers: Headers = {}): Response {
  return c.body(JSON.stringify(problem), problem.status as 400, {
    "Content-Type": "application/problem+json",
    ...headers,
  });
}

/** The one place where an error becomes an answer. What is not known is a 500 without its message. */
export function answerError(error: Error, c: Context<HttpEnv>): Response {
  if (error instanceof DomainError) return answerProblem(problemOf(error), c);
  if (error instanceof RequestError) {
    logRefusal(error, c);
    return answerProblem(toProblem(error.code, error.message, error.members), c, error.headers);
  }
  if (error instanceof IdempotencyConflict) return answerConflict(error, c);
  if (isUnavailable(error) || isConflict(error) || error instanceof KeysAwayError) {
    c.get("log")().warn({ err: { message: errorText(error) } }, "request refused: unavailable");
    return answerProblem(toProblem("unavailable", "Try again"), c, { "Retry-After": "1" });
  }
  c.get("log")().error({ err: error }, "request failed");
  return answerProblem(toProblem("internal-error", "The error was logged under this request's X-Request-Id"), c);
}

/** The domain names fields of a command; who sent it as a body finds them by pointers. */
function problemOf({ code, message, details, faults }: DomainError): Problem {
  const errors = faults.map(({ field, detail }) => ({ in: "body", pointer: pointerTo(field), detail }));
  return toProblem(code, message, errors.length > 0 ? { ...details, errors } : details);
}

function answerConflict(error: IdempotencyConflict, c: Context<HttpEnv>): Response {
  if (error.kind === "reused") return answerProblem(toProblem("idempotency-key-reused", error.message), c);
  return answerProblem(toProblem("idempotency-key-in-use", error.message), c, { "Retry-After": "1" });
}

/** Who is not let in is told as little as helps; an operator is told why. Never the credentials. */
function logRefusal({ code, message: reason, logged }: RequestError, c: Context<HttpEnv>): void {
  const log = c.get("log")();
  const caller = c.get("principal")?.name;
  if (code === "unauthenticated" || code === "forbidden") {
    log.info({ code, reason, caller, ...logged }, "request refused");
  } else if (code === "unavailable") log.warn({ reason, ...logged }, "request refused: unavailable");
}
