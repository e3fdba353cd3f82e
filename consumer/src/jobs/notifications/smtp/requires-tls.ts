import { isLoopback } from "../../../plain-addresses.ts";

/**
 * Whether mails and credentials may go to this server in TLS only (RFC 8314, 4.1): everywhere but on this machine
 * without credentials, and on the hosts that the configuration exempts.
 */
export function requiresTls(url: string, plaintextHosts: readonly string[]): boolean {
  const { hostname, username, password } = new URL(url);
  if (plaintextHosts.includes(hostname.toLowerCase())) return false;
  return username !== "" || password !== "" || !isLoopback(hostname);
}
