import { domainToASCII } from "node:url";
import { isEmail } from "../../../formats.ts";

/** A sender or recipient: what people read, and where mail goes. */
export interface Mailbox {
  name: string;
  address: string;
}

const controlCharacter = /\p{Cc}/u;

/**
 * Reads one mailbox: an address, or a name and the address in angle brackets. The name may be quoted as in RFC 5322;
 * unquoted it is taken as it stands, whatever a mail's header would make of a colon or a comma in it. Answers undefined
 * for anything else.
 */
export function parseMailbox(text: string): Mailbox | undefined {
  const [, written = "", angled, bare] = /^(?:(.*?)\s*<([^<>]+)>|([^<>]+))$/.exec(text.trim()) ?? [];
  const address = toAscii((angled ?? bare ?? "").trim());
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(written)?.[1];
  const name = quoted === undefined ? written : quoted.replace(/\\(.)/g, "$1");
  if (controlCharacter.test(text) || !isAddress(address)) return undefined;
  if (quoted === undefined && /[<>]/.test(name)) return undefined;
  return { name, address };
}

/** The domain of an address in the form that the domain name system knows it by. */
function toAscii(address: string): string {
  const at = address.lastIndexOf("@") + 1;
  const domain = address.slice(at);
  return address.slice(0, at) + (/^\p{ASCII}*$/u.test(domain) ? domain : domainToASCII(domain));
}

/** A sender may live on a host without a dot: mail of the machine's own. */
function isAddress(address: string): boolean {
  return isEmail(/@[^.]+$/.test(address) ? `${address}.example` : address);
}
