import { isSameEntry } from "./calendar-entry.ts";

export const isWeak = (etag: string) => etag.startsWith("W/");
export const strongForm = (etag: string) => isWeak(etag) ? etag.slice(2) : etag;

/** Whether two looks at an entry saw the same: weakly compared (RFC 9110, 8.8.3.2), by content where an ETag is missing. */
export function sameVersion(
  a: { content: string; etag: string | null },
  b: { content: string; etag: string | null },
): boolean {
  if (a.etag === null || b.etag === null) return isSameEntry(a.content, b.content);
  return strongForm(a.etag) === strongForm(b.etag);
}
