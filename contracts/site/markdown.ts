import { Marked } from "marked";
import { highlight } from "./code.tsx";

function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(
    /^-|-$/g,
    "",
  );
}

/** Headings get ids, code is coloured, tables scroll, and `rewrite` turns the repository's links into the site's. */
export function renderMarkdown(
  markdown: string,
  rewrite: (href: string) => string,
): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens);
        return `<h${depth} id="${slug(text.replaceAll(/<[^>]+>/g, ""))}">${text}</h${depth}>\n`;
      },
      code({ text, lang }) {
        return `<pre tabindex="0"><code>${highlight(text, lang || "bash")}</code></pre>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${rewrite(href)}">${this.parser.parseInline(tokens)}</a>`;
      },
      table(token) {
        const cells = (row: typeof token.header, tag: string) =>
          row.map((cell) =>
            `<${tag}${tag === "th" ? ' scope="col"' : ""}>${this.parser.parseInline(cell.tokens)}</${tag}>`
          ).join("");
        const body = token.rows.map((row) => `<tr>${cells(row, "td")}</tr>`)
          .join("");
        const label = token.header.map(({ text }) => text.replaceAll(/["<>`]/g, "")).join(", ");
        return `<div class="table" role="region" aria-label="${label}" tabindex="0"><table><thead><tr>${
          cells(token.header, "th")
        }</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return marked.parse(markdown, { async: false });
}
