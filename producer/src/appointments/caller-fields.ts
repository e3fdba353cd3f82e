import * as v from "valibot";
import { maxMetadata } from "../domain/annotate-appointment.ts";
import type { Metadata } from "../domain/appointment.ts";
import { described } from "../http/described.ts";

/** What the caller keeps with a visit for itself. */

const maxReference = 100;
const maxValue = 200;
const name = "[A-Za-z][A-Za-z0-9._-]{0,39}";
const visible = `^[^\\p{Cc}\\u2028\\u2029]{1,${maxValue}}$`;
const isName = new RegExp(`^${name}$`);
const isVisible = new RegExp(visible, "u");
/** Every object of JavaScript has them already: readers in that language lose them. */
const reserved = ["constructor", "prototype"];

export const reference = described(
  "The caller's own id of the visit, or of what it belongs to; several visits may have the same. No personal data",
  v.pipe(
    v.string(),
    v.maxLength(maxReference, `expected at most ${maxReference} characters`),
    v.regex(/^[^\p{Cc}\u2028\u2029]+$/u, "expected text without control characters"),
  ),
  "case-2030-117",
);

type Patch = Readonly<Record<string, string | null>>;

function problemOf(key: string, value: unknown, isPatch: boolean): string | undefined {
  if (!isName.test(key) || reserved.includes(key)) {
    return "expected a name of a letter and up to 39 letters, digits or . _ -";
  }
  if (isPatch && value === null) return undefined;
  if (typeof value === "string" && isVisible.test(value)) return undefined;
  return `expected text of 1 to ${maxValue} characters, without control characters`;
}

/** Not a record, which would drop the names that it doesn't trust without a word. */
function entries<Entries extends Patch>(isPatch: boolean) {
  return v.pipe(
    v.custom<Entries>(
      (value) => typeof value === "object" && value !== null && !Array.isArray(value),
      "expected an object",
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const input = dataset.value as Record<string, unknown>;
      for (const [key, value] of Object.entries(input)) {
        const message = problemOf(key, value, isPatch);
        if (message) addIssue({ message, path: [{ type: "object", origin: "value", input, key, value }] });
      }
    }),
    v.check((value) => isPatch || Object.keys(value).length <= maxMetadata, `expected at most ${maxMetadata} entries`),
    v.metadata({
      type: "object",
      propertyNames: { pattern: `^${name}$`, not: { enum: reserved } },
      additionalProperties: { type: isPatch ? ["string", "null"] : "string", pattern: visible },
      ...(isPatch ? {} : { maxProperties: maxMetadata }),
    }),
  );
}

const example = { channel: "web", campaign: "spring-checkup" };

export const metadata = described(
  `The caller's own notes, up to ${maxMetadata}. Nobody else is told of them. No personal data`,
  entries<Metadata>(false),
  example,
);

export const metadataPatch = described(
  `Notes to add or to replace, up to ${maxMetadata} in all; one that is null is removed, and null in place of the object removes all`,
  v.nullable(entries<Patch>(true)),
  { ...example, campaign: null },
);
