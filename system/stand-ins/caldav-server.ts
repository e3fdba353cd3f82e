import {
  type CalendarFiles,
  type CalendarResource,
  createCalendarFiles,
  isResource,
  parentOf,
} from "./calendar-files.ts";
import { type Answer, isAuthorized, json, type Request, startHttpServer } from "./http-server.ts";
import { collectionEntry, multistatus, resourceEntry } from "./multistatus.ts";

export interface CaldavServerOptions {
  port: number;
  folder: string;
  username: string;
  password: string;
}

/**
 * A calendar server of the part of CalDAV (RFC 4791) that a client needs which writes: collections, resources with
 * ETags, preconditions. What it refuses it answers as Radicale does. Everything it holds is at `/resources` as JSON; reading needs no password, writing does.
 */
export async function startCaldavServer(options: CaldavServerOptions) {
  const files = createCalendarFiles(options.folder);
  const resources = () => files.collections().flatMap((collection) => files.list(collection));
  const server = await startHttpServer(options.port, (request) => {
    if (request.method === "GET" && request.path === "/resources") {
      return json(200, resources());
    }
    if (request.method === "GET" || request.method === "HEAD") {
      return get(files, request);
    }
    if (!isAuthorized(request, options.username, options.password)) {
      return {
        status: 401,
        headers: { "www-authenticate": 'Basic realm="calendar"' },
      };
    }
    return methods[request.method]?.(files, request) ??
      { status: 405, headers: { allow } };
  });
  const { username, password } = options;
  return { url: server.url, username, password, resources, stop: server.stop };
}

const methods: Record<
  string,
  (files: CalendarFiles, request: Request) => Answer
> = {
  OPTIONS: () => ({
    status: 200,
    headers: { allow, dav: "1, calendar-access" },
  }),
  MKCALENDAR: createCollection,
  MKCOL: createCollection,
  PUT: put,
  DELETE: remove,
  PROPFIND: propfind,
  REPORT: report,
};
const allow = ["GET", "HEAD", ...Object.keys(methods)].join(", ");

function get(files: CalendarFiles, { path }: Request): Answer {
  const found = files.read(path);
  if (!found) return { status: 404 };
  return {
    status: 200,
    headers: {
      etag: found.etag,
      "content-type": "text/calendar; charset=utf-8",
    },
    body: found.data,
  };
}

function createCollection(files: CalendarFiles, { path }: Request): Answer {
  if (files.hasCollection(path)) return conflict("<resource-must-be-null />");
  files.createCollection(path);
  return { status: 201 };
}

function put(files: CalendarFiles, request: Request): Answer {
  const { path, body } = request;
  if (!isResource(path)) return { status: 405, headers: { allow } };
  if (!files.hasCollection(parentOf(path))) return { status: 409 };
  const existing = files.read(path);
  if (!preconditionHolds(request, existing)) return { status: 412 };
  if (!/^BEGIN:VCALENDAR\r?\n[^]*END:VCALENDAR\r?\n?$/.test(body)) {
    return { status: 415 };
  }
  if (takesAnotherUid(files, path, body, existing)) return conflict("<C:no-uid-conflict />");
  files.write(path, body);
  return {
    status: existing ? 204 : 201,
    headers: { etag: files.read(path)!.etag },
  };
}

/** RFC 4791, 5.3.2.1: a UID stands in a calendar once, and never changes under a name. */
function takesAnotherUid(
  files: CalendarFiles,
  path: string,
  body: string,
  existing: CalendarResource | undefined,
): boolean {
  const uid = uidOf(body);
  if (uid === undefined) return false;
  if (existing) return ![undefined, uid].includes(uidOf(existing.data));
  return files.list(parentOf(path)).some(({ data }) => uidOf(data) === uid);
}

function uidOf(data: string): string | undefined {
  return /^UID[:;](.*)$/m.exec(data.replaceAll(/\r?\n[ \t]/g, ""))?.[1]?.trim();
}

function conflict(precondition: string): Answer {
  return {
    status: 409,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: `<?xml version='1.0' encoding='utf-8'?>\n` +
      `<error xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">${precondition}</error>`,
  };
}

function remove(files: CalendarFiles, request: Request): Answer {
  const existing = files.read(request.path);
  if (
    !existing &&
    (isResource(request.path) || !files.hasCollection(request.path))
  ) return { status: 404 };
  if (!preconditionHolds(request, existing)) return { status: 412 };
  files.remove(request.path);
  return { status: 204 };
}

/** RFC 9110, 13.1: If-Match and If-None-Match. */
function preconditionHolds({ headers }: Request, existing: CalendarResource | undefined): boolean {
  const match = headers["if-match"];
  if (
    match !== undefined &&
    !(existing && (match === "*" || match === existing.etag))
  ) return false;
  const noneMatch = headers["if-none-match"];
  return noneMatch === undefined || !existing ||
    (noneMatch !== "*" && noneMatch !== existing.etag);
}

function propfind(files: CalendarFiles, { path, headers }: Request): Answer {
  const resource = files.read(path);
  if (resource) return multistatus([resourceEntry(resource)]);
  if (!files.hasCollection(path)) return { status: 404 };
  const children = path === "/" ? files.collections().map(collectionEntry) : files.list(path).map(resourceEntry);
  return multistatus([collectionEntry(path), ...(headers.depth === "0" ? [] : children)]);
}

/** Every report answers with the resources that it names, else with the whole collection. */
function report(files: CalendarFiles, { path, body }: Request): Answer {
  if (!files.hasCollection(path)) return { status: 404 };
  const hrefs = [...body.matchAll(/<(?:\w+:)?href>([^<]+)</g)].map(([, href]) => decodeURIComponent(href!));
  const named = hrefs.map((href) => files.read(href)).filter((found) => found !== undefined);
  return multistatus((hrefs.length > 0 ? named : files.list(path)).map(resourceEntry));
}
