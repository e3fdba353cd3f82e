// Hands one mail over in a process of its own and prints what came of it, for tests that restrict that process: SMTP_URL
import process from "node:process";
import { createSmtpMailer } from "../../../src/jobs/notifications/smtp/mailer.ts";

const [url = ""] = process.argv.slice(2);
const mailer = createSmtpMailer({
  url,
  from: { name: "", address: "appointments@clinic.example" },
  connections: 1,
  timeoutMs: 10_000,
});
const mail = { to: "ada@example.org", subject: "s", text: "t", html: "<p>t</p>", messageId: "1@clinic.example" };
console.log(JSON.stringify(await mailer.send(mail)));
mailer.close();
