import * as v from "valibot";
import { moment } from "./fields.ts";

/** A free slot. A refusal names some, too: they are a member of problems. */
export const slot = v.pipe(
  v.strictObject({
    start: moment("When the visit would begin, with the offset of the doctor's time zone"),
    end: moment("When it would be over"),
  }),
  v.metadata({ ref: "Slot" }),
);
