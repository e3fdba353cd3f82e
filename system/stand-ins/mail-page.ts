import type { CaughtMail } from "./smtp-catcher.ts";

/** A page that lists the mails, newest first, and reads itself again every few seconds. */
export function mailPage(mails: readonly CaughtMail[]): string {
  const articles = [...mails].reverse().map((mail) =>
    `<article>
  <h2>${escape(mail.subject)}</h2>
  <p>to <b>${escape(mail.to.join(", "))}</b> from ${escape(mail.from)}, <time>${mail.date}</time></p>
  <pre>${escape(mail.text)}</pre>
  ${mail.attachments.map(attachment).join("\n  ")}
</article>`
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<title>Mails (${mails.length})</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
  article { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 8px; padding: 0 1rem; margin: 1rem 0 }
  pre { white-space: pre-wrap; overflow-wrap: anywhere }
</style>
<h1>${mails.length} mails</h1>
<p>Nothing here was delivered to anyone. The same as JSON: <a href="/messages">/messages</a></p>
${articles.join("\n")}
</html>
`;
}

function attachment({ contentType, filename, content }: CaughtMail["attachments"][number]): string {
  const name = escape(`${filename ?? "attachment"} (${contentType})`);
  return `<details><summary>${name}</summary><pre>${escape(content)}</pre></details>`;
}

function escape(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
