/** Fields of one group, by their names in lower case; of a field that comes twice, the first. */
export type ReportFields = ReadonlyMap<string, string>;

/** Longer than any mail to thousands; what comes after it is left unread. */
const maxGroups = 1_000;

/** The groups of fields of a delivery status (RFC 3464, 2.1), unfolded; what is no field is left out. */
export function readReportFields(text: string): ReportFields[] {
  const groups = text.replace(/\r\n?/g, "\n").split(/\n[ \t]*(?=\n)/, maxGroups);
  return groups.map(readGroup).filter((group) => group.size > 0);
}

function readGroup(text: string): ReportFields {
  const fields = new Map<string, string>();
  for (const line of text.replace(/\n[ \t]+/g, " ").split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (/^[!-9;-~]+$/.test(name) && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}
