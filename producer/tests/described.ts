import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";

type Media = { schema?: object };
type Described = { content?: Record<string, Media>; headers?: Record<string, object> };
type Operation = { requestBody?: Described; responses: Record<string, Described> };
export type OpenApi = { paths: Record<string, Record<string, Operation>>; components: { schemas: object } };

/** What HTTP itself and the protection of browsers add to any answer. */
const generic = [
  /^(content-type|content-length|date|connection|keep-alive|transfer-encoding|vary)$/,
  /^(access-control-.*|content-security-policy|cross-origin-.*|origin-agent-cluster|referrer-policy)$/,
  /^(strict-transport-security|x-content-type-options|x-dns-prefetch-control|x-download-options|x-frame-options)$/,
  /^(x-permitted-cross-domain-policies|x-xss-protection)$/,
];

function checkHeaders({ headers }: Response, described: readonly string[], what: string): void {
  const known = described.map((name) => name.toLowerCase());
  for (const name of headers.keys()) {
    if (known.includes(name) || generic.some((pattern) => pattern.test(name))) continue;
    throw new Error(`${what}: the header ${name} is not described`);
  }
}

const problem = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
/** These belong to no operation: the document's introduction speaks of them. */
const noAddress: Described = { content: problem, headers: { "X-Request-Id": {} } };
const noMethod: Described = { content: problem, headers: { "X-Request-Id": {}, Allow: {} } };

export type Exchange = { method: string; path: string; requestBody: string | undefined; response: Response };

/** The address of the description that a path is an instance of. */
export function findTemplate(document: OpenApi, path: string): string | undefined {
  const { pathname } = new URL(path, "http://localhost");
  const matches = Object.keys(document.paths).filter((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname)
  );
  return matches.sort((a, b) => a.split("{").length - b.split("{").length)[0];
}

/** Holds requests that succeeded, and every answer, against the OpenAPI document; throws where one is not described. */
export function createDescriptionCheck(document: OpenApi): (exchange: Exchange) => Promise<void> {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addFormat("idn-email", /^[^@]+@[^@]+$/);
  const compiled = new Map<object, ValidateFunction>();

  function validate(schema: object, value: unknown, what: string): void {
    const check = compiled.get(schema) ?? ajv.compile({ ...schema, components: document.components });
    compiled.set(schema, check);
    if (!check(value)) {
      throw new Error(`${what} is not as described: ${ajv.errorsText(check.errors)}\n${JSON.stringify(value)}`);
    }
  }

  return async ({ method, path, requestBody, response }) => {
    const { pathname } = new URL(path, "http://localhost");
    // The files of the reference page, and the way to it, are not part of the API.
    if (pathname.startsWith("/docs/") || (pathname === "/" && response.status === 302)) return;
    const template = findTemplate(document, path);
    const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
    const what = `${method} ${template ?? pathname} ${response.status}`;
    const described = operation ? operation.responses[String(response.status)] : template ? noMethod : noAddress;
    // To OPTIONS the introduction has every address answer without a body.
    if (method === "OPTIONS" && template && response.status === 204) return;
    if (!operation && response.status !== (template ? 405 : 404)) {
      throw new Error(`${what}: the operation is not described`);
    }
    if (!described) throw new Error(`${what}: the status is not described`);
    checkHeaders(response, Object.keys(described.headers ?? {}), what);
    const text = await response.clone().text();
    const mediaType = response.headers.get("Content-Type")?.split(";")[0] ?? "none";
    const schema = described.content?.[mediaType]?.schema;
    if (text !== "" && !schema) throw new Error(`${what}: ${mediaType} is not described`);
    if (schema) validate(schema, mediaType.endsWith("json") ? JSON.parse(text) : text, what);

    const requestSchema = operation?.requestBody?.content?.["application/json"]?.schema;
    if (response.ok && requestSchema && requestBody) {
      validate(requestSchema, JSON.parse(requestBody), `The request of ${what}`);
    }
  };
}
