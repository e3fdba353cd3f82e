import type { FieldReport } from "../fields/field-report.ts";

/** One line a field: `payload.doctorId  required  read by notifications, audit`. */
export function renderFieldLines(reports: FieldReport[]): string[] {
  const width = Math.max(...reports.map(({ field }) => field.length));
  return byEvent(reports).flatMap(([eventName, fields]) => [
    eventName,
    ...fields.map((report) =>
      `  ${report.field.padEnd(width)}  ${report.required ? "required" : "optional"}  ` +
      `${report.personal ? "personal" : "        "}  ${readers(report) || "read by nobody"}`
    ),
  ]);
}

export function renderFieldsMarkdown(reports: FieldReport[], findings: string[]): string {
  const tables = byEvent(reports).map(([eventName, fields]) => {
    const rows = fields.map((report) => {
      const cells = [
        `\`${report.field}\``,
        report.required ? "required" : "optional",
        report.personal ? "yes" : "",
        readers(report) || "**nobody**",
        report.personal ? report.reaches.join(", ") : "",
      ];
      return `| ${cells.join(" | ")} |\n`;
    });
    return `#### ${eventName}

| Field | Required | Personal | Read by | Personal data also reaches |
|---|---|---|---|---|
${rows.join("")}`;
  });
  const list = findings.length === 0 ? "No findings.\n" : findings.map((finding) => `- ${finding}\n`).join("");
  return `### Who reads which field\n\n${list}\n${tables.join("\n")}`;
}

/** A reader whose pact does not expect the field is marked. */
function readers({ readers }: FieldReport): string {
  return readers.map(({ job, proven }) => proven ? job : `${job} (not proven)`).join(", ");
}

function byEvent(reports: FieldReport[]): [string, FieldReport[]][] {
  const names = new Set(reports.map(({ event }) => event.eventName));
  return [...names].map((name) => [name, reports.filter(({ event }) => event.eventName === name)]);
}
