import type { Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Authenticate, Principal } from "./authenticate.ts";
import type { Input, Operation, Reply } from "./operation.ts";
import { readInput } from "./read-input.ts";
import type { HttpEnv } from "./request-context.ts";
import { RequestError } from "./request-error.ts";

/** What a handler may know of its request besides the validated input. */
export type Call = {
  readonly principal: Principal;
  readonly requestId: string;
  readonly traceparent: string;
  readonly tracestate: string | undefined;
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

/** Authenticates, validates, answers: the same for every operation. */
export function mount(app: Hono<HttpEnv>, served: Served, authenticate: Authenticate): void {
  const { operation, handle } = served;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, ":$1");
  app.on(operation.method, path, async (c) => {
    c.set("route", operation.path);
    const principal = await authenticate((name) => c.req.header(name));
    c.set("principal", principal);
    if (!principal.scopes.includes(operation.scope)) {
      throw new RequestError("forbidden", `This needs the scope ${operation.scope}`);
    }
    const input = await readInput(c, operation);
    return send(
      c,
      await handle(input, {
        principal,
        requestId: c.get("requestId"),
        traceparent: c.get("traceparent"),
        tracestate: c.get("tracestate"),
        header: (name) => c.req.header(name),
      }),
    );
  });
}

function send(c: Context<HttpEnv>, reply: Reply): Response {
  const headers = { ...reply.headers };
  if (reply.body === undefined) return c.body(null, reply.status as 304, headers);
  return c.json(reply.body, reply.status as ContentfulStatusCode, headers);
}
