import { Hono, type MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { HttpEnv } from "./request-context.ts";

const closed = { frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };
const apiHeaders = secureHeaders({ contentSecurityPolicy: { ...closed, defaultSrc: ["'none'"] } });
const pageHeaders = secureHeaders({
  contentSecurityPolicy: {
    ...closed,
    defaultSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    styleSrc: ["'self'", "'unsafe-inline'"],
  },
});

/** What protects browsers, on every answer that does not have it yet. */
export const protectBrowsers: MiddlewareHandler<HttpEnv> = async (c, next) => {
  await next();
  if (c.get("isComplete")) return;
  await (c.req.path.startsWith("/docs") ? pageHeaders : apiHeaders)(c, () => Promise.resolve());
};

/** The same headers for an answer of the API that is made with all that it has: each one that is added later costs a copy. */
export async function readApiHeaders(): Promise<Readonly<Record<string, string>>> {
  const { headers } = await new Hono().use(apiHeaders).get("/", (c) => c.body(null)).request("/");
  return Object.fromEntries(headers);
}
