import { notOnDeno } from "./not-on-deno.ts";
import type { SuiteResult } from "./run-suite.ts";

export interface RuntimeResult {
  runtime: string;
  suites: Record<string, SuiteResult>;
}

const [begin, end] = ["<!-- runtimes: npm run test:runtimes -->", "<!-- /runtimes -->"];

/** The README with what passed where, and what can't pass on Deno, between its two marks. */
export function withRuntimes(readme: string, results: RuntimeResult[], revision: string, day: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md lacks ${begin} … ${end}: restore both marks`);
  return `${readme.slice(0, from)}${begin}\n\n${render(results, revision, day)}\n\n${readme.slice(to)}`;
}

function render(results: RuntimeResult[], revision: string, day: string): string {
  const suites = Object.keys(results[0]!.suites);
  const cell = ({ passed, failed, excused }: SuiteResult) => `${passed} of ${passed + failed + excused.length}`;
  const rows = [
    ["runtime", ...suites],
    ...results.map(({ runtime, suites }) => [runtime, ...Object.values(suites).map(cell)]),
  ];
  const reasons = Object.entries(notOnDeno).map(([title, reason]) => `- “${title}”: ${reason}.`);
  return `Tests passed, at ${revision} on ${day}:

${table(rows)}${reasons.length > 0 ? `\n\nWhat can't pass on Deno, and why:\n\n${reasons.join("\n")}` : ""}`;
}

/** Aligned as the formatter aligns it. */
function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const [head, ...body] = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column]!)));
  const rule = widths.map((width) => "-".repeat(width));
  return [head!, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
