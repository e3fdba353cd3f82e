import type { Page } from "../../../site/page.ts";
import { renderPage } from "../../../site/render.tsx";

/** The document of one page, as if the site had no other. */
export function render(page: Page): string {
  return renderPage(page, {
    version: "1.0.0",
    revision: { commit: "c0ffee", date: "2026-11-23" },
    pages: [page],
    downloads: new Map(),
  });
}

/** What is read, without tags: the words of the page, one space apart. */
export function textOf(html: string): string {
  return html.replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, " ").replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&").replaceAll(/\s+/g, " ").trim();
}

/** The part of a page from one anchor to the next heading of the same rank. */
export function sectionOf(html: string, id: string): string {
  const start = html.indexOf(` id="${id}"`);
  if (start < 0) throw new Error(`The page has no anchor ${id}`);
  const from = html.lastIndexOf("<", start);
  const tag = /^<(\w+)/.exec(html.slice(from))?.[1] ?? "h2";
  const end = html.indexOf(`<${tag} `, start);
  return html.slice(from, end < 0 ? html.indexOf("<footer") : end);
}
