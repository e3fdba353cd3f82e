import type { CalendarResource } from "./calendar-files.ts";
import type { Answer } from "./http-server.ts";

/** A WebDAV answer about several resources (RFC 4918, 13). */
export function multistatus(entries: string[]): Answer {
  return {
    status: 207,
    headers: { "content-type": "application/xml; charset=utf-8" },
    body: `<?xml version="1.0" encoding="utf-8"?>
<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">${entries.join("")}</d:multistatus>`,
  };
}

export function resourceEntry({ path, etag, data }: CalendarResource): string {
  return entry(
    path,
    `<d:getetag>${escape(etag)}</d:getetag><d:getcontenttype>text/calendar</d:getcontenttype><d:resourcetype/>` +
      `<c:calendar-data>${escape(data)}</c:calendar-data>`,
  );
}

export function collectionEntry(path: string): string {
  return entry(
    path,
    `<d:displayname>${escape(path)}</d:displayname><d:resourcetype><d:collection/>${
      path === "/" ? "" : "<c:calendar/>"
    }` +
      "</d:resourcetype><d:current-user-principal><d:href>/</d:href></d:current-user-principal>" +
      "<c:calendar-home-set><d:href>/</d:href></c:calendar-home-set>" +
      '<c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set>',
  );
}

function entry(path: string, properties: string): string {
  const href = path.split("/").map(encodeURIComponent).join("/");
  return `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${properties}</d:prop>` +
    "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>";
}

function escape(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
