import type * as v from "valibot";
import type { Scope } from "../scopes.ts";
import type { ProblemCode } from "./problem.ts";
import type { ResponseHeader } from "./response-headers.ts";

export type Schema = v.GenericSchema<unknown, unknown>;
export type ParametersSchema = v.GenericSchema<unknown, unknown> & {
  readonly entries: Readonly<Record<string, Schema>>;
};

/** What one success answers with. Without a schema there is no body. */
export type Success = {
  readonly description: string;
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly mediaType?: string;
  readonly headers?: readonly ResponseHeader[];
};

/** One method at one address: the validation, the description and the typed client all come from this. */
export type Operation = {
  readonly operationId: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** In OpenAPI's notation: `/v1/appointments/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What the caller must be allowed to do. Without it anybody may call. */
  readonly scope?: Scope;
  /** Goes through the command path, so it takes an Idempotency-Key. */
  readonly writes?: true;
  readonly preconditions?: readonly ("If-Match" | "If-None-Match")[];
  readonly params?: ParametersSchema;
  readonly query?: ParametersSchema;
  readonly body?: {
    readonly schema: Schema;
    readonly example: unknown;
    /** Other media types than application/json. */
    readonly mediaTypes?: readonly string[];
    readonly optional?: true;
  };
  readonly success: Readonly<Record<number, Success>>;
  readonly problems: readonly ProblemCode[];
};

/** What a body may come as. */
export const mediaTypesOf = ({ body }: Operation) => ["application/json", ...(body?.mediaTypes ?? [])];

type Output<S> = S extends Schema ? v.InferOutput<S> : undefined;

export type Input<O extends Operation> = {
  readonly params: Output<O["params"]>;
  readonly query: Output<O["query"]>;
  readonly body: O["body"] extends { schema: infer S } ? Output<S> : undefined;
};

/** An answer as data: `body` is sent as JSON, `text` as it is. */
export type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What it is about, where the address doesn't say so; an id, for the log. */
  readonly resource?: string | undefined;
  /** What it was announced with, for the log. */
  readonly eventId?: string | undefined;
};

/** Keeps the literal type of a description. */
export function operation<const O extends Operation>(description: O): O {
  return description;
}
