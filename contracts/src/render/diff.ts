import type { Change, Verdict } from "../diff/change.ts";

/** `no longer required: breaks notifications ($.payload.patientEmail); audit unaffected [appointment.created]`. */
export function describeChange({ what, breaks, because, event, verdict }: Change, jobNames: string[]): string {
  const others = jobNames.filter((name) => !breaks.some(({ job }) => job === name));
  const broken = breaks.length === 0
    ? "breaks no job of this consumer, but whoever else relies on it"
    : `breaks ${breaks.map(({ job, place }) => `${job} (${place})`).join(", ")}`;
  const effect = verdict === "MAJOR" ? `: ${[broken, ...unaffected(breaks.length > 0 ? others : [])].join("; ")}` : "";
  return `${what}${effect}${because === undefined ? "" : `; ${because}`}${event === undefined ? "" : ` [${event}]`}`;
}

function unaffected(jobs: string[]): string[] {
  return jobs.length === 0 ? [] : [`${jobs.join(", ")} unaffected`];
}

export function countVerdicts(changes: Change[]): string {
  const count = (verdict: Verdict) => changes.filter((change) => change.verdict === verdict).length;
  return `${count("MAJOR")} MAJOR, ${count("MINOR")} MINOR, ${count("PATCH")} PATCH`;
}

export function renderDiffMarkdown(base: string, changes: Change[], jobNames: string[], problems: string[]): string {
  const rows = changes.map((change) => {
    const breaks = change.breaks.map(({ job, place }) => `**${job}** (\`${place}\`)`).join(", ");
    const cells = [
      change.verdict,
      change.event ?? change.document,
      cell(change.what),
      breaks || "–",
      cell(change.because ?? ""),
    ];
    return `| ${cells.join(" | ")} |\n`;
  });
  const table = rows.length === 0
    ? "Nothing changed.\n"
    : `| Verdict | Where | Change | Breaks | Because |\n|---|---|---|---|---|\n${rows.join("")}`;
  const list = problems.length === 0 ? "" : `\n${problems.map((problem) => `- :x: ${problem}\n`).join("")}`;
  return `### Contract against \`${base}\`: ${countVerdicts(changes)}

${table}${list}
Jobs looked at: ${jobNames.join(", ")}.
`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
