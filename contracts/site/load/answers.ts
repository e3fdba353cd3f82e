import { exampleOf } from "./curl.ts";
import { refKey, resolve } from "./documents.ts";
import { type Field, listFields, typeOf } from "./fields.ts";
import type { Answer, ApiOperation, Header, Media, OpenApi } from "./openapi.ts";

/** What a program decides by, RFC 9457. */
export interface Problem {
  code: string;
  /** The URI reference in `type`. */
  type: string;
  status: number;
  title: string;
}

/** A body in one media type. */
export interface Body {
  mediaType: string;
  /** The schema's name in the document, else its type. */
  name: string;
  fields: Field[];
  example: unknown;
}

export interface ApiAnswer {
  status: string;
  description: string;
  headers: { name: string; type: string; description: string; example: string }[];
  bodies: Body[];
  problems: Problem[];
}

export function listBodies(api: OpenApi, content: Record<string, Media> = {}): Body[] {
  return Object.entries(content).map(([mediaType, media]) => {
    const { schema = {} } = media;
    const name = "$ref" in schema && schema.$ref ? refKey({ $ref: schema.$ref }) : typeOf(api, schema);
    return { mediaType, name, fields: listFields(api, schema), example: exampleOf(media) };
  });
}

/** The problems of an answer are its examples: one for each code. */
function problemsOf(content: Record<string, Media> = {}): Problem[] {
  const examples = content["application/problem+json"]?.examples ?? {};
  return Object.entries(examples).map(([code, { value }]) => ({ code, ...value as Omit<Problem, "code"> }));
}

function headersOf(api: OpenApi, headers: Answer["headers"] = {}): ApiAnswer["headers"] {
  return Object.entries(headers).map(([name, node]) => {
    const { description = "", schema = {}, example } = resolve<Header>(api, node);
    return { name, type: typeOf(api, schema), description, example: example === undefined ? "" : String(example) };
  });
}

export function listAnswers(api: OpenApi, { responses }: Pick<ApiOperation, "responses">): ApiAnswer[] {
  return Object.entries(responses).map(([status, node]) => {
    const { description, headers, content } = resolve<Answer>(api, node);
    return {
      status,
      description,
      headers: headersOf(api, headers),
      bodies: listBodies(api, content),
      problems: problemsOf(content),
    };
  });
}

/** Every problem of the API, with the operations that answer it. */
export function listProblems(api: OpenApi, operations: ApiOperation[]): (Problem & { operations: ApiOperation[] })[] {
  const found = operations.flatMap((operation) =>
    listAnswers(api, operation).flatMap(({ problems }) => problems.map((problem) => ({ problem, operation })))
  );
  const codes = [...new Set(found.map(({ problem }) => problem.code))];
  return codes.flatMap((code) => {
    const own = found.filter(({ problem }) => problem.code === code);
    const [first] = own;
    return first ? [{ ...first.problem, operations: own.map(({ operation }) => operation) }] : [];
  }).toSorted((a, b) => a.status - b.status || a.code.localeCompare(b.code, "en"));
}
