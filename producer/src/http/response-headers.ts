const text = (description: string, example: string) => ({ description, schema: { type: "string" as const }, example });

/** Every header that an operation answers with, but for those of HTTP itself and of the protection of browsers. */
export const responseHeaders = {
  "X-Request-Id": text("The correlation id of the request, its log lines and its event", "request-1"),
  "Cache-Control": text("A cached answer must be revalidated before it is used", "private, no-cache"),
  "ETag": text("The version", `"1"`),
  "Location": text("The address of what was created", "/v1/appointments/0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11"),
  "Link": text("RFC 8288, rel=next; absent on the last page", `</v1/appointments?cursor=WyJ>; rel="next"`),
  "Idempotency-Replayed": text("true where the first answer is repeated; otherwise absent", "true"),
  "RateLimit-Policy": text(
    "How many requests a caller may make within how many seconds (draft-ietf-httpapi-ratelimit-headers-10); absent " +
      "where there is no limit",
    `"caller";q=2000;w=2`,
  ),
  "RateLimit": text(
    "How many requests are left, and in how many seconds all are available again (the same draft)",
    `"caller";r=1999;t=1`,
  ),
  "Retry-After": text("Seconds after which the same request may succeed", "1"),
  "WWW-Authenticate": text(
    "Which credentials are accepted, or which scope is missing (RFC 6750, 3)",
    `Bearer realm="appointments"`,
  ),
  "Accept-Patch": text(
    "The media types that a PATCH may have; sent when a PATCH had another one",
    "application/merge-patch+json",
  ),
  "Accept-Encoding": text("Sent where the body was compressed: bodies are taken uncompressed only", "identity"),
  "Accept": text("The media types that are taken here", "application/json"),
};

export type ResponseHeader = keyof typeof responseHeaders;

/** The OpenAPI form of an answer's headers. */
export function referToHeaders(names: readonly ResponseHeader[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
