const hrefs = /<(?:[\w.-]+:)?href(?:\s[^>]*)?>([^<]*)<\/(?:[\w.-]+:)?href>/g;
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

/**
 * The names of the calendar objects that a multistatus body is about (RFC 4918, 14.16), as they stand before `.ics` at the
 * end of their addresses. A collection, and whatever else a server keeps in one, has no such name.
 */
export function objectNames(body: string): string[] {
  return [...body.matchAll(hrefs)].flatMap(([, href]) => {
    const last = decode(href!).trim().split("/").at(-1)!;
    return last.endsWith(".ics") ? [decodeURIComponent(last.slice(0, -".ics".length))] : [];
  });
}
