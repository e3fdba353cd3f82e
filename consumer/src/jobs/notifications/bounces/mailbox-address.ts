/** A folder of an IMAP server, and who reads it. */
export interface MailboxAddress {
  host: string;
  port: number;
  /** TLS from the first byte (RFC 8314, 3.2); otherwise none. */
  secure: boolean;
  user: string;
  password: string;
  folder: string;
}

/** Reads imaps://user:password@host:port/folder, each part percent-encoded; undefined for anything else. */
export function readMailboxAddress(text: string): MailboxAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname } = new URL(text);
  if (!["imap:", "imaps:"].includes(protocol) || hostname === "") return undefined;
  const secure = protocol === "imaps:";
  try {
    const [user, secret, folder] = [username, password, pathname.slice(1)].map(decodeURIComponent) as [
      string,
      string,
      string,
    ];
    // What ends a line of IMAP is no part of a name.
    if (user === "" || secret === "" || /\p{Cc}/u.test(user + secret + folder)) return undefined;
    return {
      host: hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase(),
      port: Number(port) || (secure ? 993 : 143),
      secure,
      user,
      password: secret,
      folder: folder || "INBOX",
    };
  } catch {
    return undefined;
  }
}
