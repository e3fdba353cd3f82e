/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { raw } from "hono/html";
import { type Page, relativeLink } from "./page.ts";

const sections = ["Start", "Events", "Jobs", "API", "Contracts", "Operate", "Runbooks", "Decisions"];

/** The decisions are many and their titles long: elsewhere their list is enough. */
const listedOnly = "Decisions";

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

/** All pages by section. */
export function Navigation({ page, pages }: { page: Page; pages: Page[] }) {
  return (
    <nav aria-label="Pages">
      {sections.map((section) => {
        const own = pages.filter((other) => other.section === section);
        const shown = section === listedOnly && page.section !== section ? own.slice(0, 1) : own;
        if (shown.length === 0) return null;
        return (
          <section>
            <h2>{section}</h2>
            <ul>
              {shown.map((other) => (
                <li>
                  <a href={relativeLink(page.path, other.path)} aria-current={other === page ? "page" : undefined}>
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

/** The second headings of a page, where there are enough to get lost between. */
export function Contents({ content }: { content: string }) {
  const found = content.matchAll(/<section[^>]* id="([^"]+)"[^>]*>\s*<h2>(.*?)<\/h2>|<h2 id="([^"]+)">(.*?)<\/h2>/gs);
  const headings = [...found].map(([, outer, itsTitle, own, title]) => ({
    id: outer ?? own,
    title: (itsTitle ?? title ?? "").replaceAll(/<[^>]+>/g, ""),
  }));
  if (headings.length < 4) return null;
  return (
    <nav class="contents" aria-label="On this page">
      <div>
        <p>On this page</p>
        <ul>
          {headings.map(({ id, title }) => (
            <li>
              <a href={`#${id}`}>{raw(title)}</a>
            </li>
          ))}
        </ul>
      </div>
    </nav>
  );
}
