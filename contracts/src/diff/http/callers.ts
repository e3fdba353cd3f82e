import { OPENAPI_DOCUMENT } from "../../client-types.ts";
import { at, isObject, type Json, type Path } from "../../json.ts";
import type { HttpPact } from "../../pacts.ts";
import type { Change } from "../change.ts";
import { lesser, type Rule } from "../lesser.ts";
import type { ApiOperation } from "./api.ts";

/** What the pacts of a side expect of the API. */
export interface Callers {
  /** Who expects a field of an answer, `items[*].body`; of every operation, where that is empty. */
  expecting(operation: ApiOperation, field: string): Change["breaks"];
}

export function createCallers(pacts: HttpPact[]): Callers {
  return {
    expecting: ({ path, method }, field) =>
      pacts.filter(({ interactions }) =>
        interactions.some((one) => one.method === method && one.path === path && isExpected(one.answer, field))
      ).map(({ consumer }) => ({ job: consumer, place: field === "" ? path : `$.${field}` })),
  };
}

/** `items[*].body` is expected where an item of the expected answer has a body. */
function isExpected(answer: Json | undefined, field: string): boolean {
  const [key = "", ...deeper] = field.split(/\.|(?=\[\*\])/).filter(Boolean);
  if (key === "") return true;
  if (key === "[*]") return Array.isArray(answer) && answer.some((item) => isExpected(item, deeper.join(".")));
  return isObject(answer) && at(answer, key) !== undefined && isExpected(answer[key], deeper.join("."));
}

/** A change of the API, MAJOR unless a rule says why not. */
export function apiChange(path: Path, what: string, rule?: Rule, breaks: Change["breaks"] = []): Change {
  return rule === undefined
    ? { verdict: "MAJOR", document: OPENAPI_DOCUMENT, path, what, breaks }
    : lesser(rule, OPENAPI_DOCUMENT, path, what);
}
