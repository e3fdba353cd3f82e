import * as v from "valibot";
import type { Schema } from "./operation.ts";

/** A schema with what the API's description says of it, and an example. */
export function described<S extends Schema>(description: string, schema: S, example?: unknown) {
  return v.pipe(schema, v.metadata({ description, ...(example === undefined ? {} : { examples: [example] }) }));
}
