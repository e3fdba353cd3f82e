import { type Json, type JsonObject, sameJson } from "../json.ts";
import { show } from "./change.ts";
import type { Rule } from "./lesser.ts";
import type { Difference } from "./limits.ts";
import { inOneLine } from "./plain-differences.ts";

export const PERSONAL_DATA = "x-personal-data";

interface Annotation {
  rule?: Rule;
  says: (was: Json | undefined, is: Json | undefined) => string;
}

/** Keywords that say nothing about which messages are valid. Without a rule, a change of one is MAJOR. */
const ANNOTATIONS: Record<string, Annotation> = {
  title: { rule: "words", says: () => "titled differently" },
  examples: { rule: "words", says: () => "has other examples" },
  $id: { rule: "words", says: () => "$id changed" },
  $comment: { rule: "words", says: () => "has another comment" },
  description: { rule: "meaning", says: () => "described differently" },
  default: { rule: "meaning", says: (was, is) => `default ${show(was)} → ${show(is)}` },
  "x-unit": { rule: "meaning", says: (was, is) => `unit ${show(was)} → ${show(is)}` },
  deprecated: { rule: "deprecated", says: (_, is) => `${is === true ? "" : "no longer "}deprecated` },
  [PERSONAL_DATA]: { says: (_, is) => `is ${is === true ? "personal data now" : "no longer personal data"}` },
};

const WRAPPED = /^(title|description|\$comment)$/;

export function isAnnotation(keyword: string): boolean {
  return Object.hasOwn(ANNOTATIONS, keyword);
}

/** What changed in what a schema says beside which values it allows. How a text is wrapped does not matter. */
export function annotationDifferences(before: JsonObject, after: JsonObject): Difference[] {
  return Object.entries(ANNOTATIONS).flatMap(([keyword, { rule, says }]) => {
    const [was, is] = [before[keyword], after[keyword]];
    if (sameJson(was, is) || (WRAPPED.test(keyword) && inOneLine(was) === inOneLine(is))) return [];
    const difference = { keyword, says: says(was, is), widens: false, narrows: false };
    return [rule === undefined ? difference : { ...difference, rule }];
  });
}
