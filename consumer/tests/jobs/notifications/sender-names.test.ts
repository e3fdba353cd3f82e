import { expect, it } from "vitest";
import { createSmtpMailer } from "../../../src/jobs/notifications/smtp/mailer.ts";
import { parseMailbox } from "../../../src/jobs/notifications/smtp/mailbox.ts";
import { startMailServer } from "./mail-server.ts";

it.each([
  ["Praxis: Berlin <a@clinic.example>", "Praxis: Berlin"],
  ["Praxis; Mitte, Berlin <a@clinic.example>", "Praxis; Mitte, Berlin"],
  ['"The \\"Clinic\\" <Berlin>" <a@clinic.example>', 'The "Clinic" <Berlin>'],
  ['Dr. "Ada" Lovelace (Berlin) <a@clinic.example>', 'Dr. "Ada" Lovelace (Berlin)'],
  ["a@b: c@d <a@clinic.example>", "a@b: c@d"],
  ["Praxis Müller, Köln: 診療所 🏥 <a@clinic.example>", "Praxis Müller, Köln: 診療所 🏥"],
  [
    `${"Gemeinschaftspraxis am Südstern ".repeat(5)}<a@clinic.example>`,
    "Gemeinschaftspraxis am Südstern ".repeat(5).trim(),
  ],
  ["a@clinic.example", ""],
])("a mail from %s has one sender with that name", async (mailFrom, name) => {
  const server = await startMailServer();
  const from = parseMailbox(mailFrom)!;
  const mailer = createSmtpMailer({ url: server.url, from, connections: 1, timeoutMs: 10_000 });
  try {
    const mail = { to: "ada@example.org", subject: "s", text: "t", html: "<p>t</p>", messageId: "1@clinic.example" };
    expect(await mailer.send(mail)).toMatchObject({ kind: "accepted" });
  } finally {
    mailer.close();
  }
  expect(server.mails[0]?.parsed.from?.value).toEqual([{ name, address: "a@clinic.example" }]);
});
