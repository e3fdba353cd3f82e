import { readDatabaseAddress } from "./postgres/database-address.ts";

const loopback = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/i;

/** Whether what is sent to the host stays on this machine (RFC 6761, 6.3; RFC 4291, 2.5.3). */
export function isLoopback(host: string): boolean {
  return loopback.test(withoutBrackets(host));
}

/** How a database is spoken to: in the clear, encrypted to whoever answers, or to a server that was verified. */
export type DatabaseSecurity = "plain" | "unverified" | "verified";

/** What the driver makes of the address; certificates that are configured verify, whatever sslmode says. */
export function databaseSecurity(url: string, hasCertificates: boolean): DatabaseSecurity {
  const options = new URL(readDatabaseAddress(url).url).searchParams;
  if (hasCertificates || options.get("sslrootcert") === "system") return "verified";
  const mode = options.get("sslmode") ?? options.get("ssl") ?? "disable";
  // Of allow and prefer nobody knows what they come to, and whoever is in between decides.
  if (["", "disable", "false", "allow", "prefer"].includes(mode)) return "plain";
  return mode === "require" ? "unverified" : "verified";
}

/** The hosts besides this machine that an address of a database, a broker, a mailbox or a web server speaks to without TLS. */
export function plainHosts(url: string, hasCertificates = false): string[] {
  if (/^postgres(ql)?:/.test(url)) {
    if (databaseSecurity(url, hasCertificates) !== "plain") return [];
    return readDatabaseAddress(url).targets.flatMap((target) => "host" in target ? distant(target.host) : []);
  }
  const { protocol, hostname } = new URL(url);
  return ["amqp:", "http:", "imap:"].includes(protocol) ? distant(hostname) : [];
}

const distant = (host: string) => isLoopback(host) ? [] : [withoutBrackets(host).toLowerCase()];

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
