import { type FetchMessageObject, ImapFlow } from "imapflow";
import { isTlsRefusal, type Refusal } from "../../../outgoing/refusal.ts";
import { maxReportBytes } from "./delivery-report.ts";
import type { MailboxAddress } from "./mailbox-address.ts";
import type { MailboxPosition } from "./mailbox-turns.ts";

export interface MailboxMessage {
  position: MailboxPosition;
  /** The beginning of a mail that says that it is a report; of any other nothing is read. */
  report: Uint8Array | undefined;
  /** Nobody has to look at it. */
  markSeen(): Promise<void>;
}

/** A mailbox in which bounces arrive, perhaps among other mail. */
export interface BounceMailbox {
  /**
   * Hands over, one by one, at most `max` messages that came after a position. Answers whether there are more. Nothing is ever
   * deleted.
   */
  read(
    after: MailboxPosition,
    max: number,
    handle: (message: MailboxMessage) => Promise<void>,
    signal: AbortSignal,
  ): Promise<{ more: boolean }>;
}

export interface BounceMailboxOptions extends MailboxAddress {
  /** Whom to trust instead of the public authorities, in PEM. */
  ca?: string | undefined;
  /** For a connection, and for each answer. */
  timeoutMs: number;
}

export function createBounceMailbox(options: BounceMailboxOptions): BounceMailbox {
  const { host, port, secure, user, password, folder, ca, timeoutMs } = options;

  async function readOpen(client: ImapFlow, ...[after, max, handle]: Parameters<BounceMailbox["read"]>) {
    await client.connect();
    const { uidValidity } = await client.mailboxOpen(folder);
    const lastUid = uidValidity === after.uidValidity ? after.lastUid : 0;
    // Of a range whose beginning is beyond the last message the last message is a part (RFC 9051, 6.4.9).
    const found = await client.search({ uid: `${lastUid + 1}:*` }, { uid: true }) || [];
    const uids = found.filter((uid) => uid > lastUid).sort((a, b) => a - b);
    for (const uid of uids.slice(0, max)) {
      const head = await client.fetchOne(String(uid), { headers: ["content-type"], flags: true }, { uid: true });
      await handle({
        position: { uidValidity, lastUid: uid },
        report: head && isReport(head) ? await beginningOf(client, uid) : undefined,
        async markSeen() {
          if (head && head.flags?.has("\\Seen")) return;
          await client.messageFlagsAdd(String(uid), ["\\Seen"], { uid: true });
        },
      });
    }
    return { more: uids.length > max };
  }

  return {
    async read(...args) {
      const client = new ImapFlow({
        host,
        port,
        secure,
        doSTARTTLS: false,
        auth: { user, pass: password },
        ...(ca !== undefined && { tls: { ca } }),
        logger: false,
        disableAutoIdle: true,
        disableCompression: true,
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        maxResponseSize: 16_777_216,
      });
      let broken: Error | undefined;
      // Whoever waits for an answer is told as well, with less of a reason.
      client.on("error", (error: Error) => broken ??= error);
      const [, , , signal] = args;
      const close = () => client.close();
      signal.addEventListener("abort", close, { once: true });
      try {
        signal.throwIfAborted();
        const read = await readOpen(client, ...args);
        await client.logout();
        return read;
      } catch (error) {
        throw broken ?? error;
      } finally {
        signal.removeEventListener("abort", close);
        client.close();
      }
    },
  };
}

function isReport({ headers }: FetchMessageObject): boolean {
  return /^content-type:\s*multipart\/report\b/im.test(new TextDecoder().decode(headers));
}

async function beginningOf(client: ImapFlow, uid: number): Promise<Uint8Array | undefined> {
  const message = await client.fetchOne(String(uid), { source: { maxLength: maxReportBytes } }, { uid: true });
  return message ? message.source : undefined;
}

/** Servers that say so will take the same login or folder later (RFC 5530, 3). */
const temporary = ["UNAVAILABLE", "INUSE", "LIMIT"];

/** What the server refuses by configuration, on either side. */
export function refusalOfMailbox(error: unknown): Refusal | undefined {
  const { authenticationFailed, mailboxMissing, serverResponseCode } = error as {
    authenticationFailed?: boolean;
    mailboxMissing?: boolean;
    serverResponseCode?: string;
  };
  if (temporary.includes(serverResponseCode ?? "")) return undefined;
  if (authenticationFailed) return "authentication";
  if (isTlsRefusal(error)) return "tls";
  return mailboxMissing ? "rejected" : undefined;
}
