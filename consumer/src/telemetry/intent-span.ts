import { SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { errorClass } from "./error-text.ts";
import { serverOf } from "./server-of.ts";
import { contextOf } from "./trace-context.ts";

export interface IntentTraceDependencies {
  tracer: Tracer;
  /** What is done, for a person. */
  name: string;
  /** Of the server. */
  url: string;
}

/** An intent that was kept for later, as far as its span tells of it. */
export interface TracedIntent {
  traceparent: string | null;
  attributes: Record<string, string | undefined>;
}

/**
 * Records each attempt at an intent below the one at the event that wanted it. `failed` names what went wrong, if anything
 * did; never in words of the other side, which may quote what it was given.
 */
export function createIntentTrace({ tracer, name, url }: IntentTraceDependencies) {
  const server = serverOf([url]);

  return async function traced<Result>(
    { traceparent, attributes }: TracedIntent,
    work: () => Promise<Result>,
    failed: (result: Result) => string | undefined,
  ): Promise<Result> {
    const options = { kind: SpanKind.CLIENT, attributes: { ...server, ...attributes } };
    const span = tracer.startSpan(name, options, contextOf({ traceparent }));
    const fail = (type: string) => span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", type);
    try {
      const result = await work();
      const type = failed(result);
      if (type !== undefined) fail(type);
      return result;
    } catch (error) {
      fail(errorClass(error));
      throw error;
    } finally {
      span.end();
    }
  };
}

export type IntentTrace = ReturnType<typeof createIntentTrace>;
