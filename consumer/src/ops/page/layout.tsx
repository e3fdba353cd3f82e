/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import type { OpsKey } from "../access/keyring.ts";

export interface Viewer {
  caller: OpsKey;
  csrf: string;
}

export type Section = "now" | "timeline" | "failures";

interface Properties {
  title: string;
  section?: Section;
  viewer?: Viewer;
  children?: Child;
}

const sections: readonly [Section, string, string][] = [
  ["now", "/ops", "Now"],
  ["timeline", "/ops/timeline", "Timeline"],
  ["failures", "/ops/failures", "Failures"],
];

/** Every page: its script adds liveness and nothing else. */
export function Layout({ title, section, viewer, children }: Properties) {
  return (
    <>
      {raw("<!doctype html>")}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{`${title} · Appointments`}</title>
          <link rel="icon" href="data:," />
          <link rel="stylesheet" href="/ops/page.css" />
          <script src="/ops/live.js" type="module"></script>
        </head>
        <body>
          <a class="skip" href="#main">Skip to the content</a>
          <header class="bar">
            <span class="brand">Appointments</span>
            {viewer && (
              <>
                <nav aria-label="Sections">
                  {sections.map(([name, href, label]) => (
                    <a href={href} aria-current={name === section ? "page" : undefined}>{label}</a>
                  ))}
                </nav>
                <form method="post" action="/ops/logout" class="who">
                  <input type="hidden" name="csrf" value={viewer.csrf} />
                  <span>{viewer.caller.name}</span>
                  <button type="submit" class="quiet">Log out</button>
                </form>
              </>
            )}
          </header>
          <main id="main" tabindex={-1}>{children}</main>
          <p id="said" class="unseen" role="status"></p>
        </body>
      </html>
    </>
  );
}

/** What the script brings up to date: whatever `href` answers, as often as it changes. */
export function Live({ href, children }: { href: string; children?: Child }) {
  return <div id="live" data-live={href}>{children}</div>;
}
