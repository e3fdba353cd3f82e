/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import { type Page, relativeLink } from "./page.ts";

const sections = [
  "Start",
  "Events",
  "Jobs",
  "API",
  "Contracts",
  "Operate",
  "Decisions",
];

/** Lets a long name break after an underscore or a dot. */
function breakable(title: string) {
  return title.split(/(?<=[_.])(?=\w)/).map((part, index) =>
    index > 0
      ? (
        <>
          <wbr />
          {part}
        </>
      )
      : part
  );
}

function Navigation({ page, pages }: { page: Page; pages: Page[] }) {
  return (
    <nav aria-label="Pages">
      {sections.map((section) => {
        const inSection = pages.filter((other) => other.section === section);
        if (inSection.length === 0) return null;
        return (
          <section>
            <h2>{section}</h2>
            <ul>
              {inSection.map((other) => (
                <li>
                  <a
                    href={relativeLink(page.path, other.path)}
                    aria-current={other === page ? "page" : undefined}
                  >
                    {breakable(other.title)}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </nav>
  );
}

/** The frame of every page. Without JavaScript all of it works but the search. */
export function Layout(
  { page, pages, version }: { page: Page; pages: Page[]; version: string },
) {
  const link = (to: string) => relativeLink(page.path, to);
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="description" content={page.summary} />
          <title>
            {page.path === "index.html" ? "Appointments" : `${page.title} · Appointments`}
          </title>
          <link
            rel="icon"
            href={link("assets/icon.svg")}
            type="image/svg+xml"
          />
          <link rel="stylesheet" href={link("assets/site.css")} />
          <script defer src={link("assets/search.js")} data-root={link("")}>
          </script>
        </head>
        <body>
          <a class="skip" href="#content">Skip to the content</a>
          <header>
            <a class="brand" href={link("index.html")}>
              <img
                src={link("assets/icon.svg")}
                alt=""
                width="24"
                height="24"
              />
              Appointments <span class="version">{version}</span>
            </a>
            <search hidden>
              <input
                type="search"
                placeholder="Search events, fields, operations"
                aria-label="Search"
              />
              <ol role="list" hidden></ol>
            </search>
          </header>
          <div class="frame">
            <aside>
              <details open>
                <summary>Pages</summary>
                <Navigation page={page} pages={pages} />
              </details>
            </aside>
            <main id="content" tabindex={-1}>{page.body(link)}</main>
          </div>
        </body>
      </html>
    </>
  );
}

/** A table that scrolls by itself where the screen is narrow, by keyboard too. */
export function Table(
  { label, head, children }: { label: string; head: string[]; children: Child },
) {
  return (
    <div class="table" role="region" aria-label={label} tabindex={0}>
      <table>
        <thead>
          <tr>{head.map((title) => <th scope="col">{title}</th>)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
