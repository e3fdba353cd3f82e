import { type DescribeRouteOptions, resolver } from "hono-openapi";
import type { Operation } from "./operation.ts";
import { type ProblemCode, problems, toProblem } from "./problem.ts";
import { problemView } from "./problem-view.ts";
import { referToHeaders, type ResponseHeader } from "./response-headers.ts";

/** What some problems say in a header besides. */
const headersOf: Partial<Record<ProblemCode, readonly ResponseHeader[]>> = {
  "unauthenticated": ["WWW-Authenticate"],
  "forbidden": ["WWW-Authenticate"],
  "idempotency-key-in-use": ["Retry-After"],
  "rate-limited": ["Retry-After"],
  "unavailable": ["Retry-After"],
  "unsupported-media-type": ["Accept", "Accept-Patch", "Accept-Encoding"],
};

/** What some say in members of their own. */
const membersOf: Partial<Record<ProblemCode, Readonly<Record<string, unknown>>>> = {
  "invalid-transition": { currentStatus: "arrived", allowedTransitions: ["complete"] },
  "too-early": { allowedFrom: "2030-12-02T00:00:00+01:00" },
};

/** The OpenAPI form of the problems that an operation can answer with, by their status. */
export function describeProblems(operation: Operation): NonNullable<DescribeRouteOptions["responses"]> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemCodes(operation)) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [String(status), describeStatus(codes, operation.scope !== undefined)]),
  );
}

function describeStatus(codes: readonly ProblemCode[], isLimited: boolean) {
  const headers = new Set(codes.flatMap((code) => headersOf[code] ?? []));
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(" "),
    headers: referToHeaders([
      "X-Request-Id",
      ...headers,
      ...(isLimited ? ["RateLimit-Policy", "RateLimit"] as const : []),
    ]),
    content: {
      "application/problem+json": {
        schema: resolver(problemView),
        examples: Object.fromEntries(
          codes.map((code) => [code, { value: toProblem(code, problems[code].title, membersOf[code]) }]),
        ),
      },
    },
  };
}

/** Those that any operation of its kind can answer, and its own. */
function problemCodes(operation: Operation): ProblemCode[] {
  const { scope, body, writes, preconditions = [], problems } = operation;
  return [
    ...(["malformed-request", "internal-error"] as const),
    ...(scope ? ["unauthenticated", "forbidden", "rate-limited", "unavailable"] as const : []),
    ...(body ? ["body-too-large", "unsupported-media-type"] as const : []),
    ...(writes ? ["idempotency-key-in-use", "idempotency-key-reused"] as const : []),
    ...(preconditions.length > 0 ? ["version-mismatch"] as const : []),
    ...problems,
  ];
}
