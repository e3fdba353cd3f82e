/** Rules of RFC 5545 and of RFC 5546, 3.2.2 and 3.2.5, that parsers let pass. */
export function schedulingProblems(source: string, method: string): string[] {
  const problems: string[] = [];
  const lines = source.replaceAll("\r\n ", "").split("\r\n");
  const named = (name: string) => lines.filter((line) => new RegExp(`^${name}[:;]`).test(line));
  const once = ["VERSION", "PRODID", "UID", "DTSTAMP", "DTEND", "ORGANIZER", "ATTENDEE", "SEQUENCE", "SUMMARY"];
  for (const name of [...once, "STATUS", "METHOD"]) {
    if (named(name).length !== 1) problems.push(`${name} is there ${named(name).length} times`);
  }
  if (!lines.includes(`METHOD:${method}`)) problems.push(`METHOD is not ${method}`);
  if (!lines.includes(`STATUS:${method === "CANCEL" ? "CANCELLED" : "CONFIRMED"}`)) problems.push("STATUS is wrong");
  if (!named("DTSTAMP").every((line) => /^DTSTAMP:\d{8}T\d{6}Z$/.test(line))) problems.push("DTSTAMP is not UTC");
  if (source.split("\r\n").some((line) => new TextEncoder().encode(line).length > 75)) problems.push("a line is long");

  const zones = lines.filter((line) => line.startsWith("TZID:")).map((line) => line.slice(5));
  const used = lines.flatMap((line) => /^DT(?:START|END);TZID=([^:]+):\d{8}T\d{6}$/.exec(line)?.[1] ?? []);
  if (used.some((zone) => !zones.includes(zone))) problems.push("a TZID has no VTIMEZONE");
  const onsets = lines.filter((line) => /^BEGIN:(STANDARD|DAYLIGHT)$/.test(line)).length;
  const offsets = lines.filter((line) =>
    /^TZOFFSET(FROM|TO):[+-]\d{4}(\d{2})?$/.test(line) && !line.includes(":-0000")
  );
  if (offsets.length !== 2 * onsets) problems.push("an offset is missing or wrong");
  if (zones.length > 0 && onsets === 0) problems.push("a VTIMEZONE has no observance");
  return problems;
}
