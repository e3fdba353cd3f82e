import { Marked } from "marked";
import { highlight } from "./code.tsx";
import { columnNames } from "./table.tsx";

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
  let section = "";
  const labels = new Set<string>();
  /** A region's name, which no other region of the page has. */
  function unique(label: string): string {
    let name = label;
    for (let n = 1; labels.has(name); n++) name = `${label}: ${section}${n === 1 ? "" : ` ${n}`}`;
    labels.add(name);
    return name;
  }
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens);
        section = text.replaceAll(/<[^>]+>|"/g, "");
        return `<h${depth} id="${slug(section)}">${text}</h${depth}>\n`;
      },
      code({ text, lang }) {
        const label = lang || "sh";
        return `<figure class="code plain"><pre tabindex="0" aria-label="${label}"><code>${
          highlight(text, label === "sh" ? "bash" : label)
        }</code></pre></figure>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${rewrite(href)}">${this.parser.parseInline(tokens)}</a>`;
      },
      table(token) {
        const cell = ({ tokens }: typeof token.header[number], open: string, close: string) =>
          open + this.parser.parseInline(tokens) + close;
        // A heading without words is no heading.
        const head = token.header.map((one) => one.text ? cell(one, '<th scope="col">', "</th>") : "<td></td>").join(
          "",
        );
        const body = token.rows
          .map((row) => `<tr>${row.map((one) => cell(one, "<td>", "</td>")).join("")}</tr>`)
          .join("");
        const titles = token.header.map(({ text }) => text.replaceAll(/["<>`\\]/g, ""));
        const label = unique(titles.filter(Boolean).join(", "));
        const names = columnNames(titles).replaceAll('"', "'");
        return `<div class="table cards" role="region" aria-label="${label}" tabindex="0"><table style="${names}"${
          titles.length === 2 ? ' class="pairs"' : ""
        }>` +
          `<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return marked.parse(markdown, { async: false });
}
