import type { Operator } from "./code-operators.ts";

const CONSTRAINTS = [
  /\bNOT NULL\b/g,
  /\bPRIMARY KEY( \([^)]*\))?/g,
  /\bUNIQUE( \([^)]*\))?(?= *[,\n])/g,
  /\bREFERENCES \w+( \([^)]*\))?( ON DELETE \w+( \w+)?)?/g,
  /\bCHECK \(/g,
  /(?<=CREATE )UNIQUE (?=INDEX)/g,
];

/** Constraints of a migration, removed one by one. What would leave a comma without a column is kept. */
export const constraints: Operator = (code) =>
  CONSTRAINTS.flatMap((pattern) =>
    [...code.matchAll(pattern)].flatMap((match) => {
      const start = match.index;
      if (isComment(code, start)) return [];
      const end = match[0].endsWith("CHECK (") ? closing(code, start + match[0].length) : start + match[0].length;
      const own = code.slice(code.lastIndexOf("\n", start) + 1, start);
      // A constraint of the table stands alone in its line.
      const put = /^\s*(CONSTRAINT \w+ )?$/.test(own) ? "CHECK (true)" : "";
      const owner = /^\s*(?:CONSTRAINT )?(\w+)/.exec(own)?.[1] ?? "the table";
      return [{
        what: `${owner} without ${code.slice(start, end).replaceAll(/\s+/g, " ").slice(0, 50)}`,
        start,
        end,
        put,
      }];
    })
  );

function isComment(code: string, at: number): boolean {
  return code.slice(code.lastIndexOf("\n", at) + 1, at).includes("--");
}

/** Behind the bracket that closes the one before `from`. */
function closing(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === "(") depth++;
    if (code[at] === ")" && --depth === 0) return at + 1;
  }
  return code.length;
}
