/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { raw } from "hono/html";
import { Contents, Navigation } from "./navigation.tsx";
import { type Page, relativeLink } from "./page.ts";
import type { Site } from "./site.ts";

type Link = (to: string) => string;

function Head({ page, link }: { page: Page; link: Link }) {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="description" content={page.summary} />
      <title>{page.path === "index.html" ? "Appointments" : `${page.title} · Appointments`}</title>
      <link rel="icon" href={link("assets/icon.svg")} type="image/svg+xml" />
      <link rel="stylesheet" href={link("assets/site.css")} />
      <script defer src={link("assets/search.js")} data-root={link("")}></script>
      <script defer src={link("assets/copy.js")}></script>
    </head>
  );
}

function Header({ version, link }: { version: string; link: Link }) {
  return (
    <header>
      <a class="brand" href={link("index.html")}>
        <img src={link("assets/icon.svg")} alt="" width="26" height="26" />
        Appointments <span class="version">{version}</span>
      </a>
      <search hidden>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="8.5" cy="8.5" r="5.5" />
          <path d="M12.8 12.8L17.5 17.5" />
        </svg>
        <input type="search" placeholder="Search events, fields, operations" aria-label="Search" autocomplete="off" />
        <kbd aria-hidden="true">/</kbd>
        <ol role="list" hidden></ol>
      </search>
    </header>
  );
}

function Footer({ revision: { commit, date } }: Pick<Site, "revision">) {
  return (
    <footer>
      Generated from revision <code>{commit.slice(0, 12)}</code> of {date}.
    </footer>
  );
}

/** The frame of every page. Without JavaScript all of it works but the search and the buttons that copy. */
export function Layout({ page, site, content }: { page: Page; site: Site; content: string }) {
  const link = (to: string) => relativeLink(page.path, to);
  const introduction = content.slice(0, Math.max(0, content.search(/<h2[ >]|<section/)));
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en">
        <Head page={page} link={link} />
        <body>
          <a class="skip" href="#content">Skip to the content</a>
          <Header version={site.version} link={link} />
          <div class="frame">
            <aside>
              <details open>
                <summary>Pages</summary>
                <Navigation page={page} pages={site.pages} />
              </details>
            </aside>
            <main id="content" tabindex={-1}>
              <div class="content">
                {raw(introduction)}
                <Contents content={content} />
                {raw(content.slice(introduction.length))}
              </div>
              <Footer revision={site.revision} />
            </main>
          </div>
        </body>
      </html>
    </>
  );
}
