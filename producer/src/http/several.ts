import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { described } from "./described.ts";
import { sayIssue } from "./say-issue.ts";

/**
 * A filter that takes several values: in a query with commas between, in a body as a list. Either way one value alone is
 * written as it is, and whoever reads it gets a list, in an order that does not depend on how it was written.
 */
export function several<const One extends v.GenericSchema<string, string>>(
  one: One,
  options: { description: string; max: number; example: string },
) {
  const { description, max } = options;
  const expected = `expected 1 to ${max} values, with commas between`;
  const usual = (values: v.InferOutput<One>[]) => [...new Set(values)].sort();
  const list = v.pipe(
    v.array(one),
    v.minLength(1, "expected at least one value"),
    v.maxLength(max, `expected at most ${max} values`),
  );
  const parts = v.pipe(
    v.string(),
    v.maxLength(max * 65, expected),
    v.rawTransform<string, v.InferOutput<One>[]>(({ dataset, addIssue, NEVER }) => {
      const read = v.safeParse(list, dataset.value.split(","), { message: sayIssue });
      if (read.success) return usual(read.output);
      addIssue({ message: read.issues[0].message });
      return NEVER;
    }),
    v.metadata({ several: toJsonSchema(one as never, { errorMode: "ignore" }), max }),
  );
  return {
    query: described(`${description}; up to ${max} with commas between`, parts, options.example),
    body: described(
      `${description}; one, or a list of up to ${max}`,
      v.pipe(
        v.union([v.pipe(one, v.transform((value) => [value])), list], `expected one value, or a list of up to ${max}`),
        v.transform(usual),
      ),
    ),
  };
}
