/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Layout } from "./layout.tsx";
import type { Page } from "./page.ts";

/** The whole HTML document of a page. */
export function renderPage(page: Page, pages: Page[], version: string): string {
  return String(<Layout page={page} pages={pages} version={version} />);
}
