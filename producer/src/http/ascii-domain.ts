import { domainToASCII } from "node:url";

/**
 * The address with its domain in the form that the domain name system knows: bücher.example is xn--bcher-kva.example.
 * A domain that is none becomes empty.
 */
export function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf("@") + 1;
  const domain = address.slice(at);
  return at === 0 || isAscii(domain) ? address : address.slice(0, at) + domainToASCII(domain);
}

export function hasAsciiLocalPart(address: string): boolean {
  const at = address.lastIndexOf("@");
  return at < 0 || isAscii(address.slice(0, at));
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
