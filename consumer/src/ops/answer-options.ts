import type { Hono } from "hono";

/** Every address says to OPTIONS what it takes (RFC 9110, 9.3.7); all of them are read only. */
export function answerOptions(app: Hono): void {
  const served = app.routes.filter(({ method }) => method !== "ALL");
  for (const path of new Set(served.map((route) => route.path))) {
    app.options(path, (context) => context.body(null, 204, { allow: "GET, HEAD, OPTIONS" }));
  }
}
