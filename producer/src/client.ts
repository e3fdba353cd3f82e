import type * as v from "valibot";
import type * as actions from "./appointments/action-operations.ts";
import type * as appointments from "./appointments/appointment-operations.ts";
import type * as doctors from "./doctors/doctor-operations.ts";
import type * as lists from "./appointments/list-operations.ts";
import type { Operation, Schema } from "./http/operation.ts";
import type * as ops from "./outbox/ops-operations.ts";
import type { problemView } from "./http/problem-view.ts";

/** Types only: at run time this file needs nothing but `fetch`. */
type Modules = typeof actions & typeof appointments & typeof doctors & typeof lists & typeof ops;
type Operations = Modules[keyof Modules];

type In<S> = S extends Schema ? v.InferInput<S> : never;
type Values<T> = T[keyof T];
type Field<Name extends string, S> = S extends Schema
  ? Record<string, never> extends In<S> ? { readonly [N in Name]?: In<S> } : { readonly [N in Name]: In<S> }
  : unknown;
type Options<O extends Operation> =
  & Field<"params", O["params"]>
  & Field<"query", O["query"]>
  & Field<"body", O["body"] extends { schema: infer S } ? S : undefined>
  & { readonly headers?: Readonly<Record<string, string>> };
type Result<O extends Operation> = {
  readonly status: keyof O["success"];
  readonly headers: Headers;
  readonly body: Values<{ [S in keyof O["success"]]: O["success"][S] extends { schema: infer B } ? In<B> : undefined }>;
};

type Method = Operations["method"];
type At<M extends Method, P> = Extract<Operations, { method: M; path: P }>;
type PathOf<M extends Method> = Extract<Operations, { method: M }>["path"];
type Arguments<T> = Record<string, never> extends T ? [options?: T] : [options: T];
type Call<M extends Method> = <P extends PathOf<M>>(
  path: P,
  ...options: Arguments<Options<At<M, P>>>
) => Promise<Result<At<M, P>>>;

export type Client = { readonly [M in Method]: Call<M> };
export type Problem = v.InferOutput<typeof problemView>;

/** The service refused. `problem.type` says why. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.status} ${problem.title}: ${problem.detail}`);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

type AnyOptions = {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
};

function mediaTypeOf(response: Response): string {
  const [mediaType = ""] = (response.headers.get("Content-Type") ?? "").split(";");
  return mediaType.trim().toLowerCase();
}

/** What stands between the caller and the service answers in its own way: then the status is all that is known. */
async function readProblem(response: Response): Promise<Problem> {
  const { status, statusText } = response;
  const known: Problem = {
    type: "about:blank",
    title: statusText || `HTTP ${status}`,
    status,
    detail: "The answer is no problem document",
  };
  if (mediaTypeOf(response) !== "application/problem+json") return known;
  const said = await response.json().catch(() => undefined) as Partial<Problem> | null | undefined;
  return { ...known, ...said };
}

/** `client.post("/v1/appointments", { body })`, with everything checked by the compiler. */
export function createClient(service: {
  baseUrl: string;
  headers: Readonly<Record<string, string>>;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}): Client {
  const send = service.fetch ?? fetch;

  const call = (method: string) => async (path: string, options: AnyOptions = {}) => {
    const { params = {}, query = {}, body, headers } = options;
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
    const search = Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : "";
    const response = await send(`${service.baseUrl}${filled}${search}`, {
      method: method.toUpperCase(),
      headers: {
        ...service.headers,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status >= 400) throw new ProblemError(await readProblem(response));
    const text = await response.text();
    if (text !== "" && !/[/+]json$/.test(mediaTypeOf(response))) {
      const { status } = response;
      throw new Error(
        `${method.toUpperCase()} ${path} answered ${status} with ${mediaTypeOf(response)}, not with JSON`,
      );
    }
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };

  return { get: call("get"), post: call("post"), put: call("put"), patch: call("patch") } as unknown as Client;
}
