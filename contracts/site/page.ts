import type { Child } from "hono/jsx";

/** One page of the site. */
export interface Page {
  /** Path of the file in the site, with `.html`. */
  path: string;
  title: string;
  /** The group of the navigation that it belongs to; pages without one are reached by links. */
  section: string;
  /** One sentence: for the search results and for machines. */
  summary: string;
  body: (link: (to: string) => string) => Child;
}

/** A relative link, so that the site works from a folder, a file system or below any path of a server. */
export function relativeLink(from: string, to: string): string {
  if (/^[a-z]+:/.test(to) || to.startsWith("#")) return to;
  const up = "../".repeat(from.split("/").length - 1);
  return up + to;
}
