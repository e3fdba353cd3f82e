import { request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { root } from "../local-files.ts";

/**
 * What the consumer's senders are measured against: the same transport, as many at the same time, and nothing else. KIND
 * URL COUNT CONCURRENCY
 */
const [kind = "", url = "", count = "", concurrency = ""] = process.argv.slice(2);
const html = `<p>${"Your appointment with Dr. Ada Lovelace. ".repeat(20)}</p>`;
const text = "Your appointment with Dr. Ada Lovelace. ".repeat(10);
const entry = `BEGIN:VCALENDAR\r\n${"DESCRIPTION:a visit at the clinic\r\n".repeat(30)}END:VCALENDAR\r\n`;

function createMail(): (n: number) => Promise<unknown> {
  const { createTransport } = createRequire(join(root, "consumer/package.json"))("nodemailer");
  const transport = createTransport({ url, pool: true, maxConnections: Number(concurrency) });
  return (n) =>
    transport.sendMail({
      from: "The Clinic <appointments@clinic.example>",
      to: "patient@example.org",
      subject: "Your appointment",
      text,
      html,
      messageId: `<${n}@clinic.example>`,
      alternatives: [{ contentType: "text/calendar; charset=utf-8; method=REQUEST", content: entry }],
    });
}

/** A connection for each request, as the senders have it. */
function send(method: string, path: string, type: string, body: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": type, "content-length": String(body.length) };
    const outgoing = request(new URL(path, url), { method, agent: false, headers }, (response) => {
      response.resume().on("end", resolve);
    });
    outgoing.on("error", reject).end(body);
  });
}

const form = new URLSearchParams({ To: "+491700000000", From: "+4930999999", Body: text.slice(0, 150) }).toString();
const hand: Record<string, () => (n: number) => Promise<unknown>> = {
  mails: createMail,
  "text messages": () => () => send("POST", "/Messages.json", "application/x-www-form-urlencoded", form),
  "calendar entries": () => (n) => send("PUT", `/calendars/dr/${n}.ics`, "text/calendar", entry),
};

const handOver = hand[kind]!();
let next = 0;
await Promise.all(Array.from({ length: Number(concurrency) }, async () => {
  while (next < Number(count)) await handOver(next++);
}));
process.exit();
