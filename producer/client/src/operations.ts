import type { components, paths } from "./generated/api.ts";

/** What the OpenAPI document says of each operation, as arguments and results. Types only. */

export type Appointment = components["schemas"]["Appointment"];
export type Doctor = components["schemas"]["Doctor"];
export type Problem = components["schemas"]["Problem"];

export type Method = "get" | "post" | "put" | "patch" | "delete";
type Success = 200 | 201 | 202 | 204;

/** Health, measurements and descriptions are for machines that need no client. */
type Callable = Extract<keyof paths, `/v1/${string}` | `/ops/${string}`>;

export type PathOf<M extends Method> = {
  [P in Callable]: paths[P] extends Readonly<Record<M, object>> ? P : never;
}[Callable];

export type OperationAt<M extends Method, P extends Callable> = paths[P] extends Readonly<Record<M, infer O>> ? O
  : never;

type Place = {
  readonly path: "params";
  readonly query: "query";
  readonly header: "headers";
};
type Parameters<O> = O extends { readonly parameters: infer Sent } ? {
    readonly [N in keyof Sent as N extends keyof Place ? Place[N] : never]: Sent[N];
  }
  : unknown;

type Json<Media> = Media extends { readonly content: { readonly "application/json": infer Body } } ? Body
  : undefined;
type Body<O> = O extends { readonly requestBody: infer Sent } ? { readonly body: Json<Sent> }
  : O extends { readonly requestBody?: infer Sent } ? [NonNullable<Sent>] extends [never] ? { readonly body?: never }
    : { readonly body?: Json<NonNullable<Sent>> }
  : unknown;

/** For one call. */
export type CallOptions = {
  /** Ends the call whatever it is doing. */
  readonly signal?: AbortSignal | undefined;
  /** For each attempt, its answer's body included. */
  readonly timeoutMs?: number | undefined;
};

export type Options<O> = Parameters<O> & Body<O> & CallOptions;

export type Arguments<T> = Record<string, never> extends T ? [options?: T]
  : [options: T];

/** What an operation answers with the given statuses; the status tells which body it is. */
type Answer<O, Status> = O extends { readonly responses: infer Responses } ? {
    [S in keyof Responses & Status]: {
      readonly status: S;
      readonly headers: Headers;
      readonly body: Json<Responses[S]>;
    };
  }[
    keyof Responses & Status
  ]
  : never;

type Call<M extends Method> = <P extends PathOf<M>>(
  path: P,
  ...options: Arguments<Options<OperationAt<M, P>>>
) => Promise<Answer<OperationAt<M, P>, Success>>;

type Revalidated = {
  [P in PathOf<"get">]: OperationAt<"get", P> extends { readonly responses: { readonly 304: unknown } } ? P : never;
}[PathOf<"get">];

/** Only who sends If-None-Match can be answered 304. */
type Get =
  & (<P extends Revalidated>(
    path: P,
    options: Options<OperationAt<"get", P>> & {
      readonly headers: { readonly "If-None-Match": string };
    },
  ) => Promise<Answer<OperationAt<"get", P>, Success | 304>>)
  & Call<"get">;

type Page = { readonly items: readonly unknown[]; readonly next?: string };
type Item<O> = Answer<O, 200> extends { readonly body: infer Body }
  ? "next" extends keyof Body ? Body extends Page ? Body["items"][number] : never
  : never
  : never;
type PagedBy<M extends Method> = {
  [P in PathOf<M>]: [Item<OperationAt<M, P>>] extends [never] ? never : P;
}[PathOf<M>];
type PagedPath = PagedBy<"get"> | PagedBy<"post">;
type PagedAt<P extends PagedPath> = P extends PagedBy<"get"> ? OperationAt<"get", P>
  : P extends PagedBy<"post"> ? OperationAt<"post", P>
  : never;

type Items = <P extends PagedPath>(
  path: P,
  ...options: Arguments<Options<PagedAt<P>>>
) => AsyncGenerator<Item<PagedAt<P>>, void, undefined>;

export type Client = {
  readonly get: Get;
  readonly post: Call<"post">;
  readonly put: Call<"put">;
  readonly patch: Call<"patch">;
  readonly delete: Call<"delete">;
  /** Every item of a list or a search, page after page; a page is asked for when it is needed. */
  readonly items: Items;
};
