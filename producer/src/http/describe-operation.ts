import { type DescribeRouteOptions, resolver } from "hono-openapi";
import { toJsonSchema } from "@valibot/to-json-schema";
import { describeProblems } from "./describe-problems.ts";
import type { Operation, ParametersSchema, Schema } from "./operation.ts";
import { referToHeaders } from "./response-headers.ts";

type Parameters = NonNullable<DescribeRouteOptions["parameters"]>;
type Responses = NonNullable<DescribeRouteOptions["responses"]>;

/** The OpenAPI form of an operation: everything that it takes, and everything that it can answer. */
export function describeOperation(operation: Operation): DescribeRouteOptions {
  const { operationId, tag, summary, description, body, scope } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(scope ? { description: describeScope(scope, description) } : { security: [] }),
    parameters: [
      ...describeParameters("path", operation.params),
      ...describeParameters("query", operation.query),
      ...headersOf(operation),
    ],
    ...(body ? { requestBody: describeBody(body) } : {}),
    responses: { ...describeSuccess(operation), ...describeProblems(operation) },
  };
}

function describeScope(scope: string, description = ""): string {
  return `${description}\n\nNeeds the scope \`${scope}\`.`.trim();
}

function describeBody(body: NonNullable<Operation["body"]>): NonNullable<DescribeRouteOptions["requestBody"]> {
  const media = { schema: resolver(body.schema), example: body.example };
  const mediaTypes = ["application/json", ...(body.mediaTypes ?? [])];
  return { required: !body.optional, content: Object.fromEntries(mediaTypes.map((name) => [name, media])) };
}

function describeParameters(place: "path" | "query", schema: ParametersSchema | undefined): Parameters {
  return Object.entries(schema?.entries ?? {}).map(([name, field]) => {
    const { description = "", examples, ...rest } = plainSchema(field);
    const required = place === "path" || field.type !== "optional";
    // What is not needed has no example: a page that tries requests would send it.
    const example = required ? { example: examples?.at(-1) } : {};
    const several = rest.several ? { style: "form" as const, explode: false } : {};
    return { name, in: place, required, description, ...several, ...example, schema: asSent(rest) };
  });
}

/** A number comes as a text, which is how its default and its pattern are written for us; so do several values. */
function asSent(schema: QuerySchema): object {
  if (schema.several) {
    const { $schema: _, description: __, examples: ___, ...one } = schema.several;
    return { anyOf: [one, { type: "array", items: one, minItems: 1, maxItems: schema.max }] };
  }
  if (schema.type !== "integer") return schema;
  const { pattern: _, default: usual, ...rest } = schema;
  return usual === undefined ? rest : { ...rest, default: Number(usual) };
}

type QuerySchema = {
  type?: string;
  pattern?: string;
  default?: unknown;
  several?: { $schema?: string; description?: string; examples?: unknown[] };
  max?: number;
};

function plainSchema(schema: Schema) {
  const { $schema: _, ...rest } = toJsonSchema(schema as never, { errorMode: "ignore" });
  return rest as QuerySchema & { description?: string; examples?: unknown[] };
}

function headersOf({ scope, writes, preconditions = [] }: Operation): Parameters {
  const names = [
    "X-Request-Id",
    ...(scope ? ["traceparent"] : []),
    ...(writes ? ["Idempotency-Key"] : []),
    ...preconditions,
  ];
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

function describeSuccess({ success, scope, writes }: Operation): Responses {
  return Object.fromEntries(
    Object.entries(success).map((
      [status, { description, schema, example, mediaType = "application/json", headers = [] }],
    ) => [
      status,
      {
        description,
        headers: referToHeaders([
          "X-Request-Id",
          ...headers,
          ...(writes ? ["Idempotency-Replayed"] as const : []),
          ...(scope ? ["Cache-Control", "RateLimit-Policy", "RateLimit"] as const : []),
        ]),
        ...(schema
          ? { content: { [mediaType]: { schema: resolver(schema), ...(example === undefined ? {} : { example }) } } }
          : {}),
      },
    ]),
  );
}
