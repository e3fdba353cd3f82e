import { at, type Json, type JsonObject, objectAt, type Path } from "../../json.ts";
import type { Change } from "../change.ts";
import type { Rule } from "../lesser.ts";
import { plainDifferences } from "../plain-differences.ts";
import { type SchemaDifference, schemaDifferences } from "../schema-differences.ts";
import { type ApiOperation, apiOperations, parametersOf, restOf } from "./api.ts";
import { apiChange, type Callers } from "./callers.ts";

/**
 * What changed in the API, for who calls it as before. A request is answered at once, so nothing waits: what is asked may
 * only become less, and what is answered only more.
 */
export function apiChanges(before: JsonObject, after: JsonObject, callers: Callers): Change[] {
  const [old, now] = [before, after].map((document) => new Map(apiOperations(document).map((one) => [one.name, one])));
  const names = new Set([...old?.keys() ?? [], ...now?.keys() ?? []]);
  const operations = [...names].flatMap((name) => {
    const [was, is] = [old?.get(name), now?.get(name)];
    if (was === undefined) return is === undefined ? [] : [apiChange(placeOf(is), `${name} added`, "addedOperation")];
    return is === undefined
      ? [apiChange(placeOf(was), `${name} removed`, undefined, callers.expecting(was, ""))]
      : operationChanges(was, is, callers);
  });
  return [...operations, ...plain([], "", restOf(before), restOf(after))];
}

function placeOf({ path, method }: ApiOperation): Path {
  return ["paths", path, method];
}

function operationChanges(was: ApiOperation, is: ApiOperation, callers: Callers): Change[] {
  const place = placeOf(is);
  const own = ({ operation: { parameters: _p, requestBody: _b, responses: _r, ...rest } }: ApiOperation) => rest;
  return [
    ...plain(place, is.name, own(was), own(is)),
    ...parameterChanges(was, is),
    ...bodyChanges(was, is),
    ...answerChanges(was, is, callers),
  ];
}

function parameterChanges(was: ApiOperation, is: ApiOperation): Change[] {
  const [old, now] = [parametersOf(was), parametersOf(is)];
  const place = [...placeOf(is), "parameters"];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [before, after] = [old.get(name), now.get(name)];
    const what = `${is.name}: ${name}`;
    if (before === undefined) {
      return [apiChange(place, `${what} added`, after?.required === true ? undefined : "optionalInput")];
    }
    if (after === undefined) return [apiChange(place, `${what} removed`)];
    const { schema: _was, ...rest } = before;
    const { schema: _is, ...others } = after;
    return [
      ...asked(place, what, objectAt(before, "schema"), objectAt(after, "schema")),
      ...plain(place, what, rest, others),
    ];
  });
}

function bodyChanges(was: ApiOperation, is: ApiOperation): Change[] {
  const [before, after] = [was, is].map(({ operation }) => operation.requestBody);
  const place = [...placeOf(is), "requestBody"];
  if (before === undefined && after === undefined) return [];
  if (before === undefined || after === undefined) {
    const mayBeAbsent = before === undefined && at(after, "required") !== true;
    const what = `${is.name}: body ${before === undefined ? "added" : "removed"}`;
    return [apiChange(place, what, mayBeAbsent ? "optionalInput" : undefined)];
  }
  const { content: _was, ...rest } = objectAt(before);
  const { content: _is, ...others } = objectAt(after);
  return [
    ...contents(before, after).flatMap(([type, old, now]) => {
      const what = `${is.name}: body`;
      if (old === undefined) return [apiChange(place, `${what} may be ${type}`, "wider")];
      if (now === undefined) return [apiChange(place, `${what} may no longer be ${type}`)];
      const media = [...place, "content", type];
      return [
        ...asked([...media, "schema"], what, objectAt(old, "schema"), objectAt(now, "schema")),
        ...plain(media, what, withoutSchema(old), withoutSchema(now)),
      ];
    }),
    ...plain(place, `${is.name}: body`, rest, others),
  ];
}

function answerChanges(was: ApiOperation, is: ApiOperation, callers: Callers): Change[] {
  const [old, now] = [objectAt(was.operation, "responses"), objectAt(is.operation, "responses")];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((status) => {
    const place = [...placeOf(is), "responses", status];
    const what = `${is.name}: ${status}`;
    const isProblem = /^[45]/.test(status);
    if (old[status] === undefined) return [apiChange(place, `${what} added`, isProblem ? "addedProblem" : undefined)];
    if (now[status] === undefined) return [apiChange(place, `${what} removed`, isProblem ? "narrower" : undefined)];
    const { content: _was, headers: oldHeaders, ...rest } = objectAt(old[status]);
    const { content: _is, headers: newHeaders, ...others } = objectAt(now[status]);
    return [
      ...contents(old[status], now[status]).flatMap(([type, before, after]) => {
        if (before === undefined || after === undefined) {
          return [apiChange(place, `${what} ${before === undefined ? "may now be" : "is no longer"} ${type}`)];
        }
        const media = [...place, "content", type];
        const differences = schemaDifferences(objectAt(before, "schema"), objectAt(after, "schema"));
        return [
          ...differences.map((difference) =>
            answered([...media, "schema"], what, difference, (field) => callers.expecting(is, field))
          ),
          ...plain(media, what, withoutSchema(before), withoutSchema(after)),
        ];
      }),
      ...headerChanges([...place, "headers"], what, objectAt(oldHeaders), objectAt(newHeaders)),
      ...plain(place, what, rest, others),
    ];
  });
}

function headerChanges(place: Path, what: string, old: JsonObject, now: JsonObject): Change[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((name) =>
    old[name] === undefined
      ? [apiChange(place, `${what} header ${name} added`, "addedAnswer")]
      : now[name] === undefined
      ? [apiChange(place, `${what} header ${name} removed`)]
      : plain([...place, name], `${what} header ${name}`, old[name], now[name])
  );
}

function contents(before: Json | undefined, after: Json | undefined): [string, Json | undefined, Json | undefined][] {
  const [old, now] = [objectAt(before, "content"), objectAt(after, "content")];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].map((type) => [type, old[type], now[type]]);
}

function withoutSchema(media: Json): JsonObject {
  const { schema: _schema, ...rest } = objectAt(media);
  return rest;
}

/** Who asks as before must be served as before. */
function asked(place: Path, what: string, before: JsonObject, after: JsonObject): Change[] {
  return schemaDifferences(before, after).map((difference) => {
    const { field, says, narrows, widens, rule } = difference;
    const isGone = rule === "unreadField"; // what is sent and not known is refused
    const excuse = narrows || isGone ? undefined : widens ? "wider" : rule === "optionalField" ? "optionalInput" : rule;
    return changeOf(place, what, field, says, difference, excuse, []);
  });
}

/** Who reads as before must find what was there. */
function answered(
  place: Path,
  what: string,
  difference: SchemaDifference,
  expecting: (field: string) => Change["breaks"],
): Change {
  const { field, says, narrows, widens, rule } = difference;
  const isAddition = says.startsWith("added, ");
  const isGone = rule === "unreadField" || says.startsWith("removed, ");
  const excuse = isAddition ? "addedAnswer" : widens || isGone ? undefined : narrows ? "narrower" : rule;
  return changeOf(place, what, field, says, difference, excuse, excuse === undefined ? expecting(field) : []);
}

function changeOf(
  place: Path,
  what: string,
  field: string,
  says: string,
  { path }: SchemaDifference,
  excuse: Rule | undefined,
  breaks: Change["breaks"],
): Change {
  const change = apiChange([...place, ...path], `${what} ${field || "as a whole"} ${says}`, excuse, breaks);
  const name = field.replaceAll("[*]", "").split(".").at(-1) || what.split(":")[0] || "";
  return excuse === "meaning" ? { ...change, meaningOf: name } : change;
}

const WORDS = /(^|\/)(title|summary|tags|externalDocs|examples?|contact|license|termsOfService)(\/|$)/;

function plain(place: Path, what: string, before: Json | undefined, after: Json | undefined): Change[] {
  return plainDifferences(before, after).map(({ path, was, is }) => {
    const inside = path.join("/");
    const rule = /(^|\/)description$/.test(inside) ? "meaning" : WORDS.test(inside) ? "words" : undefined;
    const text = `${what === "" ? "the API" : what} ${inside || "as a whole"}`;
    const says = rule === undefined
      ? `${text} ${JSON.stringify(was) ?? "none"} → ${JSON.stringify(is) ?? "none"}`
      : `${text} changed`;
    const change = apiChange([...place, ...path], says, rule);
    return rule === "meaning" ? { ...change, meaningOf: what.split(":")[0] || "the API" } : change;
  });
}
