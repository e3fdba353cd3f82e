import * as v from "valibot";
import { described } from "./described.ts";
import { slot } from "./slot.ts";

const fieldError = v.pipe(
  v.strictObject({
    in: v.pipe(v.picklist(["body", "query", "path", "header"]), v.description("Where the field was sent")),
    pointer: v.pipe(v.string(), v.description("RFC 6901, as a URI fragment")),
    detail: described("What is wrong with it", v.string()),
  }),
  v.metadata({ ref: "FieldError" }),
);

/** RFC 9457 with the members that our problems add. */
export const problemView = v.pipe(
  v.strictObject({
    type: v.pipe(v.string(), v.description("Stable; what a program decides by")),
    title: described("What kind of problem it is, for people", v.string()),
    status: described("The answer's HTTP status", v.number()),
    detail: described("What it is this time, for people", v.string()),
    errors: v.optional(v.pipe(v.array(fieldError), v.description("Every field that is wrong"))),
    alternatives: v.optional(v.pipe(v.array(slot), v.description("The three nearest free slots within 90 days"))),
    currentStatus: v.optional(described("The appointment's status", v.string())),
    allowedFrom: v.optional(
      v.pipe(
        v.string(),
        v.description("From when on it is allowed, in RFC 3339 with the offset of the visit's time zone"),
        v.metadata({ format: "date-time" }),
      ),
    ),
    allowedTransitions: v.optional(described("What its status allows", v.array(v.string()))),
  }),
  v.metadata({ ref: "Problem" }),
);
