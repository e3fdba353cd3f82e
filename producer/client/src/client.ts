import { addressOf } from "./address.ts";
import type { CallOptions, Client, Method } from "./operations.ts";
import { NoAnswerError } from "./no-answer-error.ts";
import { mediaTypeOf, ProblemError, readProblem } from "./problem-error.ts";
import { delayAfter, type Retries, wait } from "./retry.ts";
import { type Answer, type Fetch, isSuccess, sendOnce } from "./send.ts";

export type { components, operations, paths } from "./generated/api.ts";
export type { Appointment, CallOptions, Client, Doctor, Problem } from "./operations.ts";
export type { Retries } from "./retry.ts";
export { NoAnswerError, ProblemError };

export type Service = {
  /** Such as `https://appointments.example.org`; what stands before `/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** A JWT; a function is asked before each attempt, because a token ends. */
  readonly token?: string | (() => string | Promise<string>);
  /** With every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For each attempt; 10,000 where it is not given. */
  readonly timeoutMs?: number;
  readonly retries?: Partial<Retries>;
  readonly fetch?: Fetch;
};

type Sent = CallOptions & {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: Readonly<Record<string, unknown>>;
};
type Result = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
};

const usualRetries: Retries = {
  maxAttempts: 4,
  baseDelayMs: 250,
  maxDelayMs: 20_000,
};

/**
 * `client.post("/v1/appointments", { body })`, with everything checked by the compiler. What fails for the moment is
 * tried again: reads as they are, writes with one Idempotency-Key for all attempts, so that they are done once.
 */
export function createClient(service: Service): Client {
  const retries = { ...usualRetries, ...service.retries };
  const send: Fetch = service.fetch ?? ((url, init) => fetch(url, init));

  async function headersFor(
    { headers = {}, body }: Sent,
    idempotencyKey: string | undefined,
  ): Promise<Headers> {
    const { apiKey, token } = service;
    const bearer = typeof token === "function" ? await token() : token;
    const all = new Headers(service.headers);
    if (apiKey !== undefined) all.set("X-API-Key", apiKey);
    if (bearer !== undefined) all.set("Authorization", `Bearer ${bearer}`);
    if (body !== undefined) all.set("Content-Type", "application/json");
    if (idempotencyKey !== undefined) {
      all.set("Idempotency-Key", idempotencyKey);
    }
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) all.set(name, value);
    }
    return all;
  }

  async function call(
    method: Method,
    path: string,
    sent: Sent = {},
  ): Promise<Result> {
    const { body, signal, timeoutMs = service.timeoutMs ?? 10_000 } = sent;
    const what = `${method.toUpperCase()} ${path}`;
    const url = addressOf(service.baseUrl, path, sent);
    const key = method === "get" ? undefined : sent.headers?.["Idempotency-Key"] ?? crypto.randomUUID();
    for (let attempts = 1;; attempts++) {
      signal?.throwIfAborted();
      const headers = await headersFor(sent, key);
      const answer = await sendOnce(send, {
        method: method.toUpperCase(),
        url,
        headers,
        body,
        signal,
        timeoutMs,
      })
        .catch((cause: unknown) => {
          signal?.throwIfAborted();
          return new NoAnswerError(what, {
            cause,
            attempts,
            idempotencyKey: key,
          });
        });
      if (!(answer instanceof Error) && isSuccess(answer)) {
        return toResult(what, answer);
      }
      const delay = delayAfter(answer, attempts, retries);
      if (delay === undefined) {
        throw answer instanceof Error ? answer : new ProblemError(readProblem(answer), { ...answer, attempts });
      }
      await wait(delay, signal);
    }
  }

  /** Asks for the pages of a list, or of a search, whose cursor goes into its body. */
  async function* items(
    path: string,
    sent: Sent = {},
  ): AsyncGenerator<unknown, void, undefined> {
    let cursor: string | undefined;
    do {
      const { body } = sent.body
        ? await call("post", path, {
          ...sent,
          body: { ...sent.body, ...(cursor && { cursor }) },
        })
        : await call("get", path, {
          ...sent,
          query: { ...sent.query, ...(cursor && { cursor }) },
        });
      const page = body as { items: unknown[]; next?: string };
      yield* page.items;
      cursor = page.next;
    } while (cursor !== undefined);
  }

  const take = (method: Method) => (path: string, sent?: Sent) => call(method, path, sent);
  return {
    get: take("get"),
    post: take("post"),
    put: take("put"),
    patch: take("patch"),
    delete: take("delete"),
    items,
  } as unknown as Client;
}

function toResult(what: string, { status, headers, text }: Answer): Result {
  if (text === "") return { status, headers, body: undefined };
  const mediaType = mediaTypeOf(headers);
  if (!/[/+]json$/.test(mediaType)) {
    throw new Error(
      `${what} answered ${status} with ${mediaType}, not with JSON`,
    );
  }
  return { status, headers, body: JSON.parse(text) };
}
