/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { basename } from "node:path";
import { raw } from "hono/html";
import { renderMarkdown } from "../markdown.ts";
import type { Page } from "../page.ts";

/** A page of the repository's Markdown; links to other rendered files stay in the site, others become plain text paths. */
export function markdownPage(options: {
  markdown: string;
  path: string;
  section: string;
  title?: string;
  known: Map<string, string>;
}): Page {
  const { markdown, path, section, known } = options;
  const heading = /^# (.+)$/m.exec(markdown)?.[1] ?? basename(path);
  const summary = /^(?!#|Status|\||-|\s)(.+)$/m.exec(markdown)?.[1] ?? heading;
  return {
    path,
    title: options.title ?? heading,
    section,
    summary,
    body: (link) => (
      <div class="markdown">
        {raw(renderMarkdown(markdown, (href) => {
          if (/^[a-z]+:|^#/.test(href)) return href;
          const [file = "", anchor] = href.split("#");
          const target = known.get(basename(file));
          if (!target) {
            throw new Error(
              `${path}: the link to ${href} leads to no page of the site`,
            );
          }
          return link(target) + (anchor ? `#${anchor}` : "");
        }))}
      </div>
    ),
  };
}
