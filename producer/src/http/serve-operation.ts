import type { Context, Hono, MiddlewareHandler } from "hono";
import { describeRoute } from "hono-openapi";
import type { Idempotency } from "../postgres/idempotency-store.ts";
import type { Authenticate, Principal } from "./authenticate.ts";
import { readApiHeaders } from "./browser-protection.ts";
import { refuseWithoutScope } from "./challenge.ts";
import { describeOperation } from "./describe-operation.ts";
import type { Health } from "./health.ts";
import { routeOf } from "./other-methods.ts";
import { readIdempotency } from "./idempotency.ts";
import type { AnonymousLimit } from "./limit-anonymous.ts";
import type { Input, Operation, Reply } from "./operation.ts";
import type { RateLimit } from "./rate-limit.ts";
import { limitBody } from "./read-body.ts";
import { readInput } from "./read-input.ts";
import { type HttpEnv, ownHeaders } from "./request-context.ts";
import { RequestError } from "./request-error.ts";

/** What a handler may know of its request besides the validated input. */
export type Call = {
  readonly url: URL;
  readonly principal: Principal;
  readonly requestId: string;
  readonly traceparent: string;
  readonly tracestate: string | undefined;
  readonly idempotency: Idempotency | undefined;
  header(name: string): string | undefined;
};

/** A description with the function that serves it. */
export type Served = {
  readonly operation: Operation;
  readonly handle: (input: Input<Operation>, call: Call) => Promise<Reply>;
};

export function serve<O extends Operation>(
  operation: O,
  handle: (input: Input<O>, call: Call) => Promise<Reply>,
): Served {
  return { operation, handle: handle as Served["handle"] };
}

const nobody: Principal = { caller: "anybody", name: "anybody", scopes: [] };

/** Authenticates, limits, validates, answers: the same for every operation. */
export function mount(
  app: Hono<HttpEnv>,
  served: Served,
  guards: {
    authenticate: Authenticate;
    rateLimit: RateLimit;
    anonymousLimit: AnonymousLimit;
    health: Pick<Health, "hasStarted">;
  },
): void {
  const { operation, handle } = served;
  const { scope } = operation;

  async function admit(c: Context<HttpEnv>): Promise<void> {
    c.set("route", operation.path);
    if (!scope) return;
    if (!guards.health.hasStarted()) {
      throw new RequestError("unavailable", "The service is starting", { headers: { "Retry-After": "1" } });
    }
    const principal = await guards.authenticate((name) => c.req.header(name)).catch((error) => {
      if (error instanceof RequestError && error.code === "unauthenticated") guards.anonymousLimit(c);
      throw error;
    });
    c.set("principal", principal);
    c.set("rateLimit", guards.rateLimit(principal.caller));
    if (!principal.scopes.includes(scope)) refuseWithoutScope(principal, [scope], `This needs the scope ${scope}`);
  }

  /** Nobody's body is read before it is known who asks. */
  const admitted: MiddlewareHandler<HttpEnv> = async (c, next) => {
    await admit(c);
    await (operation.body ? limitBody(c, next) : next());
  };

  app.on(operation.method, routeOf(operation), describeRoute(describeOperation(operation)), admitted, async (c) => {
    const principal = c.get("principal") ?? nobody;
    const { input, json } = await readInput(c, operation);
    // Read by its schema, so it is an id and nothing else.
    c.set("resource", (input.params as { id?: string } | undefined)?.id);
    const header = (name: string) => c.req.header(name);
    const { method, path } = c.req;
    const reply = await handle(input, {
      get url() {
        return new URL(c.req.url);
      },
      principal,
      requestId: c.get("requestId"),
      traceparent: c.get("traceparent"),
      tracestate: c.get("tracestate"),
      idempotency: operation.writes &&
        readIdempotency(header("Idempotency-Key"), principal.caller, { method, path, body: json }),
      header,
    });
    if (reply.resource !== undefined) c.set("resource", reply.resource);
    c.set("eventId", reply.eventId);
    return scope ? await answerFully(c, reply) : toResponse(reply);
  });
}

const textOf = ({ status, text, body }: Reply) =>
  status === 204 ? null : text ?? (body === undefined ? null : JSON.stringify(body));
const json = { "Content-Type": "application/json" };

function toResponse(reply: Reply): Response {
  const text = textOf(reply);
  return new Response(text, { status: reply.status, headers: { ...(text !== null && json), ...reply.headers } });
}

const apiHeaders = readApiHeaders();

/** The answer with every header that it gets: nobody adds one. */
async function answerFully(c: Context<HttpEnv>, reply: Reply): Promise<Response> {
  const text = textOf(reply);
  c.set("isComplete", true);
  const headers = {
    ...await apiHeaders,
    ...(text !== null && json),
    ...reply.headers,
    // What a caller keeps must be checked again before it is used: the ETag makes that cheap.
    "Cache-Control": "private, no-cache",
    ...ownHeaders(c),
  };
  return new Response(text, { status: reply.status, headers });
}
