/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Layout } from "./layout.tsx";
import { type Page, relativeLink } from "./page.ts";
import type { Site } from "./site.ts";

/** The whole HTML document of a page. */
export function renderPage(page: Page, site: Site): string {
  const content = String(page.body((to) => relativeLink(page.path, to)));
  return String(<Layout page={page} site={site} content={content} />);
}
