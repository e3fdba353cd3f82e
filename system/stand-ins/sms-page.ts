import { escape, page } from "./page.ts";
import type { CaughtSms } from "./sms-gateway.ts";

const note = `Nothing here was delivered to anyone. The same as JSON: <a href="/messages">/messages</a>`;

/** A page that lists the text messages, newest first. */
export function smsPage(messages: readonly CaughtSms[]): string {
  const articles = [...messages].reverse().map(({ to, from, date, body }) =>
    `<article>
  <p>to <b>${escape(to)}</b> from ${escape(from)}, <time>${date}</time></p>
  <pre>${escape(body)}</pre>
</article>`
  );
  return page(`${messages.length} text messages`, note, articles);
}
