import { escape, page } from "./page.ts";
import type { CaughtMail } from "./smtp-catcher.ts";

const note = `Nothing here was delivered to anyone. The same as JSON: <a href="/messages">/messages</a>`;

/** A page that lists the mails, newest first, each as text and as its HTML. */
export function mailPage(mails: readonly CaughtMail[]): string {
  return page(`${mails.length} mails`, note, [...mails].reverse().map(article));
}

function article({ subject, to, from, date, text, html, attachments }: CaughtMail): string {
  return `<article>
  <h2>${escape(subject)}</h2>
  <p>to <b>${escape(to.join(", "))}</b> from ${escape(from)}, <time>${date}</time></p>
  <pre>${escape(text)}</pre>
  ${html === undefined ? "" : htmlPart(html)}
  ${attachments.map(attachment).join("\n  ")}
</article>`;
}

/** In a frame that runs no script and loads nothing of this page. */
function htmlPart(html: string): string {
  return `<details><summary>as HTML</summary><iframe sandbox title="The mail as HTML" srcdoc="${
    escape(html)
  }"></iframe></details>`;
}

function attachment({ contentType, filename, content }: CaughtMail["attachments"][number]): string {
  const name = escape(`${filename ?? "attachment"} (${contentType})`);
  return `<details><summary>${name}</summary><pre>${escape(content)}</pre></details>`;
}
