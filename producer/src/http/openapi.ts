import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import { type GenerateSpecOptions, generateSpecs } from "hono-openapi";
import type { HttpEnv } from "./request-context.ts";
import { responseHeaders } from "./response-headers.ts";

const { version, license } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** Without an example: all of them are optional, and a page that tries requests would send it each time. */
const header = (name: string, description: string) => ({
  name,
  in: "header" as const,
  description,
  schema: { type: "string" as const },
});

const documentation: GenerateSpecOptions["documentation"] = {
  info: {
    title: "Appointments API",
    version,
    license: { name: license, identifier: license },
    description: "Book, move and cancel appointments of a clinic. Every change of an appointment or a doctor is " +
      "announced as exactly one event, which asyncapi.yaml describes; holds, references and metadata are announced by none. " +
      "Problems are RFC 9457 documents; a program decides by their `type`. A known address answers 405 to a method that is " +
      "not described here; `Allow` then names the methods that are, as it does in the answer to OPTIONS. In a URL a `+` " +
      "stands for a space: write `%2B` for the `+` of an offset or of an e-mail address.",
  },
  servers: [{ url: "/", description: "Where this document comes from" }],
  security: [{ apiKey: [] }, { token: [] }],
  tags: [
    { name: "Appointments", description: "Booking, moving, finding and cancelling them" },
    {
      name: "Visits",
      description:
        "What became of the visit: booked → arrived → fulfilled, or booked → cancelled, or booked → noshow. /reopen makes every status except cancelled booked again",
    },
    { name: "Holds", description: "A time that is kept for some minutes, until it is booked or released" },
    { name: "Doctors", description: "Doctors, their working hours and their free slots" },
    { name: "Patients", description: "What is kept of a patient: exported, erased" },
    { name: "Operations", description: "What was published, what waits, and what did not arrive" },
    { name: "System", description: "Health, measurements and this description" },
  ],
  components: {
    securitySchemes: {
      apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
      token: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
    },
    parameters: {
      "X-Request-Id": header("X-Request-Id", "1 to 128 visible ASCII characters; another is replaced"),
      "traceparent": header("traceparent", "W3C Trace Context: `00-<trace id>-<span id>-01`"),
      "Idempotency-Key": header(
        "Idempotency-Key",
        "A key of the caller's, such as a UUID. The same key with the same request gets the first answer again, for 24 hours",
      ),
      "If-Match": header(
        "If-Match",
        "The ETag that was read, several with commas between, or * for any. It names a version of the resource, so " +
          `W/"1" and "1-gzip", which compressing proxies make of "1", name the same`,
      ),
      "If-None-Match": header(
        "If-None-Match",
        'The ETag that was read, such as `"3"`; or *, so that only something new is written',
      ),
    },
    headers: responseHeaders,
  },
};

/** The description of what is mounted, made when it is first asked for. */
export function createOpenApi(app: Hono<HttpEnv>): () => Promise<object> {
  let document: Promise<object> | undefined;
  return () => document ??= generate(app);
}

async function generate(app: Hono<HttpEnv>): Promise<object> {
  const document = await generateSpecs(app, {
    documentation,
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
  });
  // `ref` names a component in valibot's metadata; it is no keyword of JSON Schema.
  for (const schema of Object.values(document.components.schemas ?? {})) {
    delete (schema as { ref?: string }).ref;
    sayDefaults(schema);
  }
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path ?? {}))) {
    sayDefaults((operation as { requestBody?: unknown }).requestBody);
  }
  return document;
}

/** Generators of clients take a field with a default for one that is always there, and demand it of who calls. */
function sayDefaults(schema: unknown): void {
  if (typeof schema !== "object" || schema === null) return;
  const field = schema as { default?: unknown; description?: string };
  if ("default" in field && typeof field.description === "string") {
    const meant = JSON.stringify(field.default);
    if (!["[]", "false"].includes(meant)) field.description += `; ${meant} where it is not given`;
    delete field.default;
  }
  for (const part of Object.values(schema)) sayDefaults(part);
}
