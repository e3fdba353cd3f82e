import { notOnDeno } from "./not-on-deno.ts";
import type { SuiteResult } from "./run-suite.ts";

export interface RuntimeResult {
  runtime: string;
  suites: Record<string, SuiteResult>;
}

/** The page docs/runtimes.md: what passed where, and what can't pass on Deno. */
export function renderRuntimes(results: RuntimeResult[], revision: string, day: string): string {
  const suites = Object.keys(results[0]!.suites);
  const row = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const cell = ({ passed, failed, excused }: SuiteResult) => `${passed} of ${passed + failed + excused.length}`;
  const reasons = Object.entries(notOnDeno).map(([title, reason]) => `- “${title}”: ${reason}.`);
  return `# Runtimes

The same source and the same tests, counted by \`npm run test:runtimes\` at ${revision} on ${day}. The end-to-end test runs
the four pairs of runtimes for producer and consumer.

${row(["runtime", ...suites])}
${row(["---", ...suites.map(() => "---")])}
${results.map(({ runtime, suites }) => row([runtime, ...Object.values(suites).map(cell)])).join("\n")}

CI runs \`npm test\` on Node 22 and 24 as well.

What can't pass on Deno, and why:

${reasons.join("\n")}
`;
}
