import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { createSmtpMailer } from "../../../src/jobs/notifications/smtp/mailer.ts";
import { startMailServer } from "./mail-server.ts";

it("the hash of a mail is that of the bytes that the server was given, dots at the start of a line included", async () => {
  const server = await startMailServer();
  const from = { name: "Praxis Müller", address: "appointments@clinic.example" };
  const mailer = createSmtpMailer({ url: server.url, from, connections: 1, timeoutMs: 30_000 });
  const text = "Guten Tag,\n.\n..\nauf Wiedersehen in der Praxis Müller";
  const mail = { to: "x@y.example", subject: "Ihr Termin", text, html: "<p>t</p>", messageId: "1@clinic.example" };
  const calendar = { method: "REQUEST" as const, content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n" };
  try {
    for (const one of [mail, { ...mail, messageId: "2@clinic.example", calendar }]) {
      const handOver = await mailer.send(one);
      const contentHash = createHash("sha256").update(server.mails.at(-1)!.raw).digest("hex");
      expect(handOver).toMatchObject({ kind: "accepted", reference: expect.stringMatching(/^250 /), contentHash });
    }
  } finally {
    mailer.close();
  }
});
