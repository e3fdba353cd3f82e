import type { ServerOptions } from "node:http";

/**
 * A server that closes an idle connection before the proxy in front of it does loses the request that is on its way. Node
 * wants the headers' timeout above the idle one and the request's not below it; both are no shorter than Node's own.
 */
export function timeoutsOf(keepAliveTimeoutMs: number) {
  const headersTimeout = Math.max(60_000, keepAliveTimeoutMs + 1_000);
  return {
    keepAliveTimeout: keepAliveTimeoutMs,
    headersTimeout,
    requestTimeout: Math.max(300_000, headersTimeout),
  } satisfies ServerOptions;
}
