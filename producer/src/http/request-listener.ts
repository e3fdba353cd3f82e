import { randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import { getRequestListener, RequestError as NoRequest } from "@hono/node-server";
import { errorText } from "../telemetry/error-text.ts";
import type { Log } from "../telemetry/log.ts";
import { type Problem, toProblem } from "./problem.ts";

/**
 * Serves the application on node:http. What makes no Request at all, such as a Host with a space, never gets to the
 * application, so the answer to it is made here.
 */
export function createRequestListener(
  fetch: (request: Request) => Response | Promise<Response>,
  options: { hostname: string; log: Log },
): RequestListener {
  function answerError(error: unknown): Response {
    const correlationId = randomUUID();
    const err = { message: errorText(error) };
    if (error instanceof NoRequest) {
      options.log.info({ correlationId, status: 400, err }, "request");
      return answer(
        toProblem("malformed-request", "The request target and the Host header do not form a URL"),
        correlationId,
      );
    }
    options.log.error({ correlationId, status: 500, err }, "request failed");
    return answer(toProblem("internal-error", "The error was logged under this request's X-Request-Id"), correlationId);
  }

  return getRequestListener(fetch, { hostname: options.hostname, errorHandler: answerError });
}

function answer(problem: Problem, requestId: string): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      "Content-Type": "application/problem+json",
      "X-Content-Type-Options": "nosniff",
      "X-Request-Id": requestId,
    },
  });
}
