const tags = /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[[^]*?\]\]>|<(\/?)(?:[\w.-]+:)?([\w.-]+)[^>]*?(\/?)>/g;

/**
 * The local names of the elements directly below the root of a DAV:error body (RFC 4918, 14.5), such as
 * `no-uid-conflict` (RFC 4791, 5.3.2.1); none of another body. Names are unique across DAV, CalDAV and CardDAV, so that
 * namespaces, which servers get wrong, decide nothing.
 */
export function preconditionsOf(body: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  for (const [, closes, name, empty] of body.matchAll(tags)) {
    if (name === undefined) continue;
    if (closes) {
      open.pop();
      continue;
    }
    if (open.length === 0 && name !== "error") return [];
    if (open.length === 1) names.push(name);
    if (!empty) open.push(name);
  }
  return names;
}
