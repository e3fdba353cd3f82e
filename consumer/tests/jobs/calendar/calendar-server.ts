import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface CalendarServer {
  /** The collection that holds the doctors' calendars. */
  url: string;
  /** iCalendar objects by path, below that collection. */
  resources: Map<string, string>;
  /** Method and path of every request that would change something. */
  writes: string[];
  /** Those of them on a resource that took effect. */
  changes: string[];
  /** What each request said of Accept-Encoding. */
  acceptedEncodings: (string | undefined)[];
  /**
   * Decides about a request before the server does: a status to answer with, to hang up after it took effect, or to
   * answer only when a promise is kept.
   */
  intercept: (method: string, path: string) => number | "hang up" | Promise<void> | undefined;
  /** Whether a PUT is answered with an ETag. */
  tagsWrites: boolean;
  /**
   * `weak`: every ETag is, and If-Match holds for none (RFC 9110, 13.1.1); `weakened`: by a proxy, on the way out only;
   * `none`: there are none.
   */
  etags: "strong" | "weak" | "weakened" | "none";
  /** What MKCALENDAR of an existing calendar is answered with; 409 with Radicale's body. */
  existing: 405 | 409 | "409 without a body";
  stop(): Promise<void>;
}

const errorBody = (precondition: string) =>
  `<?xml version='1.0' encoding='utf-8'?>\n<error xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">${precondition}</error>`;
const uidOf = (content: string | undefined) => /^UID:(.*)$/m.exec(content ?? "")?.[1]?.trim();

/** The part of RFC 4791 that the calendar sender uses, with Radicale's answers. */
export async function startCalendarServer(
  username: string,
  password: string,
  tls?: { cert: string; key: string },
): Promise<CalendarServer> {
  const resources = new Map<string, string>();
  const collections = new Set<string>();
  const writes: string[] = [];
  const changes: string[] = [];
  const etagOf = (content: string | undefined) =>
    content === undefined ? undefined : `"${createHash("sha1").update(content).digest("hex")}"`;
  const sentEtag = (etag: string | undefined) => {
    if (etag === undefined || calendars.etags === "none") return undefined;
    return calendars.etags === "strong" ? etag : `W/${etag}`;
  };
  const matches = (ifMatch: string | undefined, etag: string | undefined) => {
    if (ifMatch === undefined) return true;
    return calendars.etags !== "weak" && ifMatch === etag;
  };

  function answer(method: string, path: string, request: IncomingMessage, body: string) {
    const etag = etagOf(resources.get(path));
    const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = request.headers;
    const collection = path.slice(0, path.lastIndexOf("/") + 1);
    if (method === "MKCALENDAR") {
      if (!collections.has(path)) return collections.add(path) && { status: 201 };
      if (calendars.existing !== 409) return { status: Number.parseInt(String(calendars.existing)) };
      return { status: 409, body: errorBody("<resource-must-be-null />") };
    }
    if (method === "PROPFIND") {
      if (!collections.has(path)) return { status: 404 };
      const members = [...resources.keys()].filter((member) => member.startsWith(path));
      const response = (one: string) =>
        `<d:response><d:href>/calendars/${
          encodeURI(one)
        }</d:href><d:propstat><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
      return {
        status: 207,
        body: `<d:multistatus xmlns:d="DAV:">${[path, ...members].map(response).join("")}</d:multistatus>`,
      };
    }
    if (method === "GET") return etag ? { status: 200, etag, body: resources.get(path) } : { status: 404 };
    if (method === "PUT") {
      if (!collections.has(collection)) return { status: 409 };
      if (ifNoneMatch === "*" ? etag !== undefined : !matches(ifMatch, etag)) return { status: 412 };
      const uid = uidOf(body);
      const siblings = [...resources].filter(([other]) => other !== path && other.startsWith(collection));
      const taken = siblings.some(([, content]) => uidOf(content) === uid);
      if (uid && (etag ? ![undefined, uid].includes(uidOf(resources.get(path))) : taken)) {
        return { status: 409, body: errorBody("<C:no-uid-conflict />") };
      }
      resources.set(path, body);
      changes.push(`PUT ${path}`);
      return { status: etag ? 204 : 201, etag: calendars.tagsWrites ? etagOf(body) : undefined };
    }
    if (method === "DELETE") {
      if (!etag) return { status: 404 };
      if (!matches(ifMatch, etag)) return { status: 412 };
      resources.delete(path);
      changes.push(`DELETE ${path}`);
      return { status: 204 };
    }
    return { status: 405 };
  }

  const wanted = `Basic ${btoa(`${username}:${password}`)}`;
  const listener: RequestListener = async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const method = request.method ?? "";
    const path = decodeURIComponent((request.url ?? "").replace("/calendars/", ""));
    if (request.headers.authorization !== wanted) return response.writeHead(401).end();
    calendars.acceptedEncodings.push(String(request.headers["accept-encoding"]));
    if (!["GET", "PROPFIND"].includes(method)) writes.push(`${method} ${path}`);
    const intervention = calendars.intercept(method, path);
    if (typeof intervention === "number") return response.writeHead(intervention).end();
    const { status, etag, body: content } = answer(method, path, request, body) as {
      status: number;
      etag?: string;
      body?: string;
    };
    if (intervention === "hang up") return request.socket.destroy();
    await intervention;
    const sent = sentEtag(etag);
    response.writeHead(status, sent ? { etag: sent } : {}).end(content);
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const calendars: CalendarServer = {
    url: `${tls ? "https://localhost" : "http://127.0.0.1"}:${(server.address() as AddressInfo).port}/calendars`,
    resources,
    acceptedEncodings: [],
    writes,
    changes,
    intercept: () => undefined,
    tagsWrites: true,
    etags: "strong",
    existing: 409,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return calendars;
}
