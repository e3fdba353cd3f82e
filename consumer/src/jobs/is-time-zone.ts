const maxKept = 2_000;
const known = new Map<string, boolean>();

/** Whether Intl can resolve the name; to ask it takes longer than anything else of an event. */
export function isTimeZone(name: string): boolean {
  const kept = known.get(name);
  if (kept !== undefined) return kept;
  if (known.size >= maxKept) known.clear();
  const answer = resolves(name);
  known.set(name, answer);
  return answer;
}

function resolves(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}
