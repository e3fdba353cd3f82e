import { type ApiOperation, type OpenApi, type Parameter } from "./services.ts";
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

function curlFor(
  method: string,
  path: string,
  operation: ApiOperation,
  parameters: Parameter[],
): string {
  const query = parameters.filter((parameter) => parameter.in === "query" && parameter.required)
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example ?? ""))}`).join("&");
  const target = path.replace(
    /\{(\w+)\}/g,
    (_, name: string) =>
      (path.includes("/doctors/") ? "$DOCTOR" : "$APPOINTMENT") +
      (name ? "" : ""),
  );
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const lines = [
    `curl -sS -X ${method.toUpperCase()} "$API${target}${query ? `?${query}` : ""}"`,
    ...(operation.security?.length === 0 ? [] : ['-H "X-API-Key: $API_KEY"']),
    ...parameters.filter((parameter) =>
      parameter.in === "header" && parameter.required &&
      parameter.name === "If-Match"
    )
      .map(() => '-H "If-Match: $ETAG"'),
    ...(type ? [`-H "Content-Type: ${type}"`] : []),
    ...(media ? [`-d '${JSON.stringify(exampleOf(media)).replaceAll("'", "'\\''")}'`] : []),
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
