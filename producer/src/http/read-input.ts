import type { Context } from "hono";
import * as v from "valibot";
import { type Input, mediaTypesOf, type Operation, type ParametersSchema, type Schema } from "./operation.ts";
import type { FieldError } from "./problem.ts";
import { readJsonBody } from "./read-body.ts";
import type { HttpEnv } from "./request-context.ts";
import { malformed, pointerTo } from "./request-error.ts";
import { sayIssue } from "./say-issue.ts";
import { isStorable } from "./strict-json.ts";

const mostErrors = 50;
/** Longer than any name that we have: the caller knows it, and the answer needs no copy of it. */
const longestName = 100;
const notAnObject: FieldError = { in: "body", pointer: "#", detail: "expected an object" };

/** Validates everything that an operation takes, and reports everything that is wrong with it at once. */
export async function readInput<O extends Operation>(
  c: Context<HttpEnv>,
  operation: O,
): Promise<{ input: Input<O>; json: unknown }> {
  const errors: FieldError[] = [];
  const params = check(operation.params, c.req.param(), "path", errors);
  const query = check(operation.query ?? v.strictObject({}), single(c.req.queries()), "query", errors);
  let body: unknown;
  let json: unknown;
  if (operation.body) {
    json = await readJsonBody(c.req, mediaTypesOf(operation));
    if (json === undefined && !operation.body.optional) throw malformed("The request has no body");
    // To valibot an array is an object too.
    if (Array.isArray(json)) throw malformed("The body is not acceptable", [notAnObject]);
    body = check(operation.body.schema, json === undefined ? {} : json, "body", errors);
  }
  if (errors.length > 0) throw malformed("The request has fields that are not acceptable", errors.slice(0, mostErrors));
  return { input: { params, query, body } as Input<O>, json };
}

/** A parameter that is given twice stays an array, which no schema takes. */
function single(queries: Record<string, string[]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

function check(
  schema: Schema | undefined,
  value: unknown,
  place: FieldError["in"],
  errors: FieldError[],
): unknown {
  if (!schema) return undefined;
  if (place !== "body") refuseUnstorable(value as Record<string, unknown>, place, errors);
  const result = v.safeParse(schema, value, { abortPipeEarly: true, message: sayIssue });
  if (result.success) return result.output;
  for (const issue of result.issues) {
    const path = (issue.path ?? []).map((item) => item.key as string | number);
    if (String(path.at(-1)).length > longestName) path.pop();
    // A parameter with commas is one value to who sent it.
    if (place !== "body") path.splice(1);
    errors.push({
      in: place,
      pointer: pointerTo(path),
      detail: (place === "query" && missesPlus(schema, value, issue)) || issue.message,
    });
  }
}

function refuseUnstorable(values: Record<string, unknown>, place: FieldError["in"], errors: FieldError[]): void {
  for (const [name, value] of Object.entries(values)) {
    if (isStorable(name) && isStorable(String(value))) continue;
    errors.push({
      in: place,
      pointer: isStorable(name) ? pointerTo([name]) : "#",
      detail: "contains NUL or a lone surrogate",
    });
  }
}

/** A + that was not encoded comes as a space: what shows the caller's own value again would help nobody. */
function missesPlus(schema: Schema, values: unknown, { path }: v.BaseIssue<unknown>): string | undefined {
  const name = String(path?.[0].key);
  const text = (values as Record<string, unknown>)[name];
  const { entries = {} } = schema as Partial<ParametersSchema>;
  // "constructor" is a name that every object has.
  const field = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (typeof text !== "string" || !text.includes(" ") || !field) return undefined;
  if (!v.is(field, text.replaceAll(" ", "+"))) return undefined;
  return "has a space where a + was meant: in a URL a + is written %2B";
}
