/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { posix } from "node:path";
import { raw } from "hono/html";
import type { Guide } from "../load/guides.ts";
import { renderMarkdown } from "../markdown.ts";
import type { Page } from "../page.ts";

/** What one page of a section is called. */
const kinds: Record<string, string> = { Runbooks: "Runbook", Decisions: "Decision" };

/** A page of the repository's Markdown; links to other such pages stay in the site, and there may be no others. */
export function guidePage({ file, path, section, title, status, markdown }: Guide, all: Guide[]): Page {
  const known = new Map(all.map((guide) => [guide.file, guide.path]));
  const summary = /^(?!#|\||-|\s)(.+)$/m.exec(markdown)?.[1] ?? title;
  return {
    path,
    title,
    section,
    summary: summary.replaceAll(/[`*]/g, ""),
    body: (link) => {
      const rewrite = (href: string) => {
        if (/^[a-z]+:|^#/.test(href)) return href;
        const [to = "", anchor] = href.split("#");
        const target = known.get(posix.join(posix.dirname(file), to));
        if (!target) throw new Error(`${file}: the link to ${href} leads to no page of the site`);
        return link(target) + (anchor ? `#${anchor}` : "");
      };
      return (
        <>
          <p class="kicker">{[kinds[section] ?? section, status].filter(Boolean).join(" · ")}</p>
          <h1>{title}</h1>
          {raw(renderMarkdown(markdown, rewrite))}
        </>
      );
    },
  };
}
