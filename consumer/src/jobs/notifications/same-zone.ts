/** Whether both name one time zone: Europe/Kyiv is Europe/Kiev. A name that nobody knows is only its own. */
export function isSameZone(a: string, b: string): boolean {
  return a === b || primaryName(a) === primaryName(b);
}

function primaryName(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return timeZone;
  }
}
