import type { Run } from "./run-fault.ts";

export function isRed({ lost, doubled, wrong, brokeOff }: Run): boolean {
  return brokeOff !== undefined || lost.length + doubled.length + wrong.length > 0;
}

/** One row a fault, as Markdown. */
export function tableOf(runs: readonly Run[]): string[] {
  const head = [
    "fault",
    "runs",
    "acknowledged",
    "repeated",
    "lost",
    "doubled",
    "wrong",
    "unknown, told to a person",
    "longest recovery",
  ];
  const names = [...new Set(runs.map(({ fault }) => fault))];
  const rows = names.map((name) => {
    const own = runs.filter(({ fault }) => fault === name);
    const sum = (of: (run: Run) => number) => String(own.reduce((total, run) => total + of(run), 0));
    return [
      name,
      String(own.length),
      sum((run) => run.acknowledged),
      sum((run) => run.repeated),
      sum((run) => run.lost.length),
      sum((run) => run.doubled.length),
      sum((run) => run.wrong.length),
      sum((run) => run.unknown),
      `${(Math.max(...own.map((run) => run.recoveryMs)) / 1000).toFixed(1)} s`,
    ];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}
