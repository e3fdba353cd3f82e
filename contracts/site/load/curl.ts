import { type ApiOperation, type OpenApi, type Parameter } from "./openapi.ts";
import { resolve } from "./documents.ts";

export interface ApiCall {
  method: string;
  path: string;
  operation: ApiOperation;
  parameters: Parameter[];
  curl: string;
}

const methods = ["get", "post", "put", "patch", "delete"];

/** The first example of a body. */
export function exampleOf(
  media:
    | { example?: unknown; examples?: Record<string, { value: unknown }> }
    | undefined,
): unknown {
  return media?.example ?? Object.values(media?.examples ?? {})[0]?.value;
}

/** `id` says little: it is a doctor's or an appointment's. */
function variableFor(name: string, path: string): string {
  if (name === "id") return path.includes("/doctors/") ? "$DOCTOR" : "$APPOINTMENT";
  return `$${name.toUpperCase()}`;
}

/** JSON within single quotes of the shell, indented like the other lines. */
function asArgument(body: unknown): string {
  return JSON.stringify(body, null, 2).replaceAll("\n", "\n  ").replaceAll("'", "'\\''");
}

function curlFor(method: string, path: string, operation: ApiOperation, parameters: Parameter[]): string {
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => variableFor(name, path));
  const query = parameters.filter((parameter) => parameter.in === "query" && parameter.required)
    .map(({ name }) => `${name}=${variableFor(name, path)}`).join("&");
  const needsVersion = method === "patch" && parameters.some(({ name }) => name === "If-Match");
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const lines = [
    `curl -sS -X ${method.toUpperCase()} "$API${target}${query ? `?${query}` : ""}"`,
    ...(operation.security?.length === 0 ? [] : ['-H "X-API-Key: $API_KEY"']),
    ...(needsVersion ? ['-H "If-Match: $ETAG"'] : []),
    ...(type ? [`-H "Content-Type: ${type}"`] : []),
    ...(media ? [`-d '${asArgument(exampleOf(media))}'`] : []),
  ];
  return lines.join(" \\\n  ");
}

/** Every operation of the API in the document's order, with a line to call it. */
export function listCalls(api: OpenApi): ApiCall[] {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    methods.flatMap((method): ApiCall[] => {
      const operation = item[method];
      if (!operation) return [];
      const parameters = (operation.parameters ?? []).map((parameter) => resolve<Parameter>(api, parameter));
      return [{
        method,
        path,
        operation,
        parameters,
        curl: curlFor(method, path, operation, parameters),
      }];
    })
  );
}

/** The call that everything begins with. */
export function bookingCall(calls: ApiCall[]): ApiCall {
  const found = calls.find(({ operation }) => operation.operationId === "bookAppointment");
  if (!found) throw new Error("The API has no operation bookAppointment");
  return found;
}
