import type * as v from "valibot";
import type { Scope } from "../config.ts";
import type { ProblemCode } from "./problem.ts";

export type ObjectSchema = v.GenericSchema<unknown, unknown>;

/** What one success answers with. */
export type Success = {
  readonly description: string;
  readonly schema?: v.GenericSchema;
  readonly headers?: readonly ("ETag" | "Location" | "Link")[];
};

/** One method at one address: the validation, the description and the typed client all come from this. */
export type Operation = {
  readonly operationId: string;
  readonly method: "get" | "post" | "put" | "patch";
  /** In OpenAPI's notation: `/v1/appointments/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly scope: Scope;
  readonly params?: ObjectSchema;
  readonly query?: ObjectSchema;
  readonly body?: {
    readonly schema: ObjectSchema;
    readonly example: unknown;
    /** Other media types than application/json. */
    readonly mediaTypes?: readonly string[];
    readonly optional?: true;
  };
  readonly success: Readonly<Record<number, Success>>;
  readonly problems: readonly ProblemCode[];
};

type Output<S> = S extends ObjectSchema ? v.InferOutput<S> : undefined;

export type Input<O extends Operation> = {
  readonly params: Output<O["params"]>;
  readonly query: Output<O["query"]>;
  readonly body: O["body"] extends { schema: infer S } ? Output<S> : undefined;
};

/** An answer as data. */
export type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Keeps the literal type of a description. */
export function operation<const O extends Operation>(description: O): O {
  return description;
}
