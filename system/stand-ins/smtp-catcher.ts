import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { type AddressObject, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { html, json, startHttpServer } from "./http-server.ts";
import { createJournal } from "./journal.ts";
import { mailPage } from "./mail-page.ts";

export interface CaughtMail {
  messageId: string | undefined;
  from: string;
  to: string[];
  subject: string;
  date: string;
  text: string;
  html: string | undefined;
  attachments: {
    contentType: string;
    filename: string | undefined;
    content: string;
  }[];
  /** The message as it came, headers and all. */
  source: string;
}

export interface SmtpCatcherOptions {
  smtpPort: number;
  httpPort: number;
  file: string;
  /** How long each mail takes to be accepted. */
  delayMs?: number;
  /** The reply that every sender is refused with, such as `550 5.7.1 relaying denied`. */
  refusal?: string | undefined;
  /** In PEM: with it the server offers STARTTLS. */
  certificate?: { cert: string; key: string } | undefined;
  /** Mails are taken in TLS only, from the first byte (RFC 8314, section 3.3). */
  requiresTls?: boolean;
}

/** Takes every mail, delivers none, and shows them at `/` and as JSON at `/messages`. */
export async function startSmtpCatcher(options: SmtpCatcherOptions) {
  const journal = createJournal<CaughtMail>(options.file);
  const smtp = new SMTPServer({
    disabledCommands: options.certificate ? ["AUTH"] : ["AUTH", "STARTTLS"],
    ...options.certificate,
    secure: options.requiresTls ?? false,
    disableReverseLookup: true,
    logger: false,
    onMailFrom: (_address, _session, done) => done(refusalOf(options)),
    onData(stream, session, done) {
      readMail(stream, session.envelope.rcptTo.map(({ address }) => address))
        .then(async (mail) => {
          await sleep(options.delayMs ?? 0);
          journal.add(mail);
          done();
        })
        .catch(done);
    },
  });
  smtp.on("error", () => {}); // a client that breaks off
  await new Promise<void>((resolve, reject) => {
    smtp.server.once("error", reject);
    smtp.listen(options.smtpPort, "127.0.0.1", resolve);
  });
  const http = await startHttpServer(options.httpPort, ({ path }) => {
    if (path === "/messages") return json(200, journal.all());
    if (path === "/") return html(mailPage(journal.all()));
    return json(404, { title: "Not found" });
  });
  return {
    smtpUrl: `${options.requiresTls ? "smtps://localhost" : "smtp://127.0.0.1"}:${options.smtpPort}`,
    url: http.url,
    mails: journal.all,
    async stop() {
      await http.stop();
      await new Promise<void>((resolve) => smtp.close(resolve));
    },
  };
}

function refusalOf({ refusal }: SmtpCatcherOptions): Error | null {
  const [, code, text] = /^(\d{3}) (.*)$/.exec(refusal ?? "") ?? [];
  return code === undefined ? null : Object.assign(new Error(text), { responseCode: Number(code) });
}

async function readMail(stream: NodeJS.ReadableStream, recipients: string[]): Promise<CaughtMail> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  const source = Buffer.concat(chunks);
  const mail = await simpleParser(source);
  return {
    messageId: mail.messageId,
    from: (mail.from as AddressObject | undefined)?.text ?? "",
    to: recipients,
    subject: mail.subject ?? "",
    date: new Date().toISOString(),
    text: mail.text ?? "",
    html: mail.html || undefined,
    attachments: mail.attachments.map(({ contentType, filename, content }) => ({
      contentType,
      filename,
      content: content.toString("utf8"),
    })),
    source: source.toString("utf8"),
  };
}
