import type { Outcome } from "../command.ts";
import { line } from "./text.ts";

/** JUnit XML: a failed test case for each error, and one that passes when there is none. */
export function renderJunit(command: string, { findings, summary }: Outcome): string {
  const errors = findings.filter(({ level }) => level === "error");
  const cases = errors.map((finding) =>
    `    <testcase classname="contracts.${command}" name="${escape(`${finding.file}#${finding.pointer}`)}">
      <failure message="${escape(finding.reason)}">${escape(line(finding))}</failure>
    </testcase>\n`
  );
  if (cases.length === 0) cases.push(`    <testcase classname="contracts.${command}" name="${escape(summary)}"/>\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="contracts ${command}" tests="${cases.length}" failures="${errors.length}">
${cases.join("")}  </testsuite>
</testsuites>
`;
}

/** Half of a surrogate pair is no character, and no encoding can write it. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
/** What XML 1.0 has no way to write. */
const NOT_IN_XML = /[^\t\n\r\x20-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
    .replaceAll(LONE_SURROGATE, "").replaceAll(NOT_IN_XML, "\uFFFD");
}
