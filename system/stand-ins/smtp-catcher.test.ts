import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../stack/free-port.ts";
import { startSmtpCatcher } from "./smtp-catcher.ts";

let folder: string;
let catcher: Awaited<ReturnType<typeof startSmtpCatcher>>;
const start = async () =>
  catcher = await startSmtpCatcher({ smtpPort: await freePort(), httpPort: 0, file: join(folder, "mails.jsonl") });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mails-"));
  await start();
});
afterEach(async () => {
  await catcher.stop();
  rmSync(folder, { recursive: true });
});

const mail = { from: "clinic@example.org", to: "ada@example.org", subject: "<b>Ten & eleven</b>", text: "at ten" };

test("a mail can be read as JSON and on the page, without its markup taking effect", async () => {
  await createTransport(catcher.smtpUrl).sendMail(mail);
  const [caught] = await (await fetch(`${catcher.url}/messages`)).json() as Record<string, unknown>[];
  expect(caught).toMatchObject({ to: ["ada@example.org"], subject: mail.subject, text: "at ten\n" });
  const page = await (await fetch(catcher.url)).text();
  expect(page).toContain("at ten");
  expect(page).not.toContain("<b>Ten");
});

test("the HTML of a mail is shown in a frame of its own, where no script runs", async () => {
  await createTransport(catcher.smtpUrl).sendMail({ ...mail, html: `<p class="x">at <b>ten</b></p>` });
  const page = await (await fetch(catcher.url)).text();
  expect(page).toContain(`sandbox title="The mail as HTML" srcdoc="&#60;p class=&#34;x&#34;&#62;at &#60;b&#62;ten`);
});

test("mails outlive the catcher", async () => {
  await createTransport(catcher.smtpUrl).sendMail(mail);
  await catcher.stop();
  await start();
  expect(catcher.mails()).toHaveLength(1);
});
