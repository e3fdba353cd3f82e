import { malformed, pointerTo, RequestError } from "./request-error.ts";

const deepest = 32;
const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;
// NUL can't be stored by PostgreSQL, and a lone surrogate has no UTF-8 form.
// deno-lint-ignore no-control-regex
const unstorable = /\u0000|\p{Surrogate}/u;

type Frame = { readonly keys: Set<string> | undefined; key: string | number };

/** RFC 8259, without what two readers could understand differently: duplicate keys, lone surrogates, NUL, deep nesting. */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RequestError("malformed-request", "The body is not JSON", {}, { cause: error });
  }
  refuseAmbiguity(text);
  return value;
}

export function isStorable(text: string): boolean {
  return !unstorable.test(text);
}

/** Walks the tokens of valid JSON: JSON.parse has forgotten the duplicates. */
function refuseAmbiguity(text: string): void {
  const open: Frame[] = [];
  let expectsKey = false;

  function refuse(detail: string): never {
    const pointer = pointerTo(open.map((frame) => frame.key));
    throw malformed(detail, [{ in: "body", pointer, detail }]);
  }

  for (const [lexeme] of text.matchAll(token)) {
    const top = open.at(-1);
    if (lexeme === "{" || lexeme === "[") {
      if (open.length === deepest) refuse(`is nested deeper than ${deepest} levels`);
      open.push({ keys: lexeme === "{" ? new Set() : undefined, key: lexeme === "{" ? "" : 0 });
      expectsKey = lexeme === "{";
    } else if (lexeme === "}" || lexeme === "]") {
      open.pop();
      expectsKey = false;
    } else if (lexeme === ",") {
      expectsKey = top?.keys !== undefined;
      if (typeof top?.key === "number") top.key++;
    } else if (lexeme !== ":") {
      const string = JSON.parse(lexeme) as string;
      if (!isStorable(string)) refuse("contains NUL or a lone surrogate");
      if (expectsKey && top?.keys) {
        top.key = string;
        if (top.keys.has(string)) refuse("occurs twice");
        top.keys.add(string);
        expectsKey = false;
      }
    }
  }
}
