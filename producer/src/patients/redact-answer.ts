/** What an answer shows of a patient, or of what the caller noted about the visit. */
const personal = new Set([
  "patientEmail",
  "patientPhone",
  "patientName",
  "locale",
  "reference",
  "metadata",
  "contactProblems",
]);

/** The text of a kept answer without what it shows of these appointments, wherever in it they are. */
export function redactAnswer(body: string, ids: ReadonlySet<string>): string {
  return JSON.stringify(redact(JSON.parse(body), ids));
}

function redact(value: unknown, ids: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => redact(item, ids));
  if (typeof value !== "object" || value === null) return value;
  const isConcerned = "id" in value && typeof value.id === "string" && ids.has(value.id);
  const members = Object.entries(value).filter(([name]) => !(isConcerned && personal.has(name)));
  return Object.fromEntries(members.map(([name, member]) => [name, redact(member, ids)]));
}
