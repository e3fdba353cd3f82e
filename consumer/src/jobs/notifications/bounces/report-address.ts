const maxLength = 320;
const address = /^[^\s\p{Cc}<>@]+@[^\s\p{Cc}<>@]+$/u;

/**
 * The addresses that a recipient's field may mean (RFC 3464, 2.3.1 and 2.3.2), in lower case; none where it is none of mail's.
 * Some servers give back what they were told in ORCPT, whose signs are written as in RFC 3461, 4.
 */
export function readReportAddress(field: string | undefined): string[] {
  const [, type = "rfc822", value = ""] = /^(?:([\w-]+)\s*;)?\s*(.*)$/s.exec(field ?? "") ?? [];
  if (!["rfc822", "utf-8"].includes(type.toLowerCase())) return [];
  const [, angled, bare = ""] = /^(?:<([^<>]*)>|(\S+))/.exec(value) ?? [];
  const written = angled ?? bare;
  const decoded = written.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return [...new Set([written, decoded])]
    .filter((one) => one.length <= maxLength && address.test(one))
    .map((one) => one.toLowerCase());
}
