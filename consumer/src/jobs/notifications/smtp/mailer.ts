import { Transform } from "node:stream";
import { createTransport } from "nodemailer";
import type { HandOver } from "../hand-over.ts";
import { connectByName } from "./connect-by-name.ts";
import type { Mailbox } from "./mailbox.ts";
import { handOverOf } from "./hand-over-of-error.ts";
import { requiresTls } from "./requires-tls.ts";
import { createWireHash, type WireHash } from "./wire-hash.ts";

export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Without angle brackets; the same for the same send, so that a receiver recognizes a repetition. */
  messageId: string;
  /** What a notification of its delivery is to call it by. */
  envelopeId?: string;
  calendar?: { method: "REQUEST" | "CANCEL"; content: string };
}

/** Hands mails over to an SMTP server; says what came of it and never throws. */
export interface Mailer {
  send(mail: Mail): Promise<HandOver>;
  close(): void;
}

export interface MailerOptions {
  /** smtp: or smtps:, with credentials where the server wants them. */
  url: string;
  /** The constant sender. */
  from: Mailbox;
  /** Where notifications of delivery go, instead of the sender's address. */
  returnPath?: string | undefined;
  /** Whether a delivery is notified of as well as a failure. */
  notifiesSuccess?: boolean;
  connections: number;
  /** No hand-over takes longer; then it is given up. */
  timeoutMs: number;
  /** Nothing goes out before STARTTLS; where it isn't required, TLS is spoken if the server offers it. */
  requireTls?: boolean;
  /** Whom to trust instead of the public authorities, in PEM. */
  ca?: string | undefined;
}

export function createSmtpMailer({ url, from, connections, timeoutMs, ca, ...options }: MailerOptions): Mailer {
  const { returnPath = from.address, notifiesSuccess = false } = options;
  const requireTls = options.requireTls ?? requiresTls(url, []);
  const transport = createTransport({
    url: requireTls ? withoutExemption(url) : url,
    requireTLS: requireTls,
    ...(ca !== undefined && { tls: { ca } }),
    getSocket: connectByName,
    pool: true,
    maxConnections: connections,
    // The pool would send again what may have been taken.
    maxRequeues: 0,
    connectionTimeout: Math.min(10_000, timeoutMs),
    greetingTimeout: Math.min(10_000, timeoutMs),
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // The stream of a message is first read when the server has answered DATA with 354.
  const bodies = new WeakMap<object, () => boolean>();
  const hashes = new WeakMap<object, WireHash>();
  transport.use("stream", (mail, done) => {
    const hash = createWireHash();
    hashes.set(mail.data.headers as object, hash);
    mail.message.transform(() => hashing(hash));
    const createReadStream = mail.message.createReadStream.bind(mail.message);
    mail.message.createReadStream = (options) => {
      const stream = createReadStream(options);
      bodies.set(mail.data.headers as object, () => stream.readableDidRead);
      return stream;
    };
    done();
  });

  return {
    async send(mail) {
      const headers = { "Auto-Submitted": "auto-generated" };
      try {
        const { response } = await transport.sendMail({
          from,
          to: mail.to,
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          messageId: `<${mail.messageId}>`,
          headers,
          envelope: { from: returnPath, to: [mail.to] },
          // Told to servers only that offer it (RFC 3461); of others a failure comes without the name.
          ...(mail.envelopeId !== undefined && {
            dsn: {
              id: mail.envelopeId,
              return: "headers",
              notify: notifiesSuccess ? ["failure", "success"] : "failure",
              recipient: `rfc822;${mail.to}`,
            },
          }),
          signal: AbortSignal.timeout(timeoutMs),
          ...(mail.calendar && {
            alternatives: [{
              contentType: `text/calendar; charset=utf-8; method=${mail.calendar.method}`,
              content: mail.calendar.content,
            }],
          }),
        });
        return { kind: "accepted", reference: response, contentHash: hashes.get(headers)!.digest() };
      } catch (error) {
        return handOverOf(error, bodies.get(headers)?.() ?? false);
      }
    },
    close: () => transport.close(),
  };
}

/** Passes on what it hashes. */
function hashing(hash: WireHash): Transform {
  return new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** nodemailer lets parameters of the URL win over options. */
function withoutExemption(url: string): string {
  const address = new URL(url);
  if (!address.searchParams.has("requireTLS")) return url;
  address.searchParams.delete("requireTLS");
  return address.href;
}
