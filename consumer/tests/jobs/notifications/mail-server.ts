import { type AddressObject, type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { onTestFinished } from "vitest";

export interface CaughtMail {
  to: string;
  subject: string;
  messageId: string;
  parsed: ParsedMail;
  raw: string;
  /** Of the SMTP envelope: the sender, and what was asked for of notifications. */
  envelope: { from: string; dsn?: unknown; recipient?: unknown };
}

export interface MailServer {
  url: string;
  port: number;
  mails: CaughtMail[];
  /** Cuts every connection without a word. */
  cut(): void;
  stop(): Promise<void>;
}

export interface MailServerOptions {
  port?: number;
  /** None by default; the certificate is one that a client has to be told to trust. */
  tls?: "STARTTLS" | "from the first byte";
  /** Instead of that one. */
  certificate?: { cert: string; key: string };
  /** Offers notifications of delivery (RFC 3461). */
  dsn?: boolean;
  /** Who may log in; anybody may send without. */
  password?: string;
  onConnect?: () => Error | undefined;
  onSender?: () => Error | undefined;
  /** Called with the recipient at RCPT TO; an error's responseCode is the reply. */
  onRecipient?: (address: string) => Error | undefined;
  /** Called with the mail when all of it was read, before it is accepted. */
  onMail?: (mail: CaughtMail) => Promise<void> | void;
}

/** What smtp-server knows of it; its types lack the notifications. */
interface Envelope {
  mailFrom: { address: string } | false;
  rcptTo: { address: string; dsn?: unknown }[];
  dsn?: unknown;
}

export function smtpReply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** As `openMailServer`, until the test is finished. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await openMailServer(options);
  onTestFinished(server.stop);
  return server;
}

/** A real SMTP server that keeps what it accepts. */
export async function openMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const mails: CaughtMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    // Tests that send a password over no TLS mean to.
    allowInsecureAuth: true,
    ...options.certificate,
    disabledCommands: options.tls === "STARTTLS" ? [] : ["STARTTLS"],
    secure: options.tls === "from the first byte",
    logger: false,
    hideDSN: options.dsn !== true,
    closeTimeout: 100,
    onAuth: ({ password }, _session, done) =>
      password === options.password ? done(null, { user: "clinic" }) : done(smtpReply(535, "5.7.8 wrong password")),
    onConnect: (_session, done) => done(options.onConnect?.()),
    onMailFrom: (_address, _session, done) => done(options.onSender?.()),
    onRcptTo: (address, _session, done) => done(options.onRecipient?.(address.address)),
    onData(stream, { envelope }, done) {
      receive(stream, envelope).then(() => done(), done);
    },
  });
  server.on("error", () => {});

  async function receive(stream: NodeJS.ReadableStream, envelope: Envelope): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk as unknown as Uint8Array);
    const raw = chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
    const parsed = await simpleParser(raw, { skipTextLinks: true });
    const mail = {
      to: (parsed.to as AddressObject).text,
      subject: parsed.subject ?? "",
      messageId: parsed.messageId ?? "",
      parsed,
      raw,
      envelope: {
        from: envelope.mailFrom ? envelope.mailFrom.address : "",
        dsn: envelope.dsn,
        recipient: envelope.rcptTo[0]?.dsn,
      },
    };
    await options.onMail?.(mail);
    mails.push(mail);
  }

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  const port = (server.server.address() as { port: number }).port;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    mails,
    cut() {
      for (const connection of server.connections as Set<{ _socket: { destroy(): void } }>) {
        connection._socket.destroy();
      }
    },
    stop,
  };
}
