import type { Path } from "../json.ts";
import type { MatchingRule } from "../pacts.ts";

/**
 * The rule that Pact applies to the value at a path: the one whose expression reaches furthest, of these the one with
 * the fewest wildcards. A rule of a parent holds for its children too, but for the length of a list.
 */
export function ruleFor(rules: Record<string, MatchingRule>, path: Path): MatchingRule | undefined {
  const candidates = Object.entries(rules)
    .map(([expression, rule]) => ({ tokens: tokens(expression), rule }))
    .filter(({ tokens }) => tokens.length <= path.length && tokens.every((token, index) => covers(token, path[index])))
    .sort((a, b) => b.tokens.length - a.tokens.length || wildcards(a.tokens) - wildcards(b.tokens));
  const best = candidates[0];
  if (best === undefined || best.tokens.length === path.length) return best?.rule;
  return { ...best.rule, matchers: best.rule.matchers.map(({ min: _min, max: _max, ...matcher }) => matcher) };
}

/** `$.payload.workingHours[*].start` → payload, workingHours, *, start. */
function tokens(expression: string): string[] {
  return [...expression.matchAll(/\.([^.[\]]+)|\[(?:'([^']*)'|"([^"]*)"|(\*|\d+))\]/g)]
    .map(([, dotted, single, double, index]) => dotted ?? single ?? double ?? index ?? "");
}

function covers(token: string, key: string | number | undefined): boolean {
  return token === "*" || token === String(key);
}

function wildcards(tokens: string[]): number {
  return tokens.filter((token) => token === "*").length;
}
