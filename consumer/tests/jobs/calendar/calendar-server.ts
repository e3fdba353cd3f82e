import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
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
  /**
   * Decides about a request before the server does: a status to answer with, to hang up after it took effect, or to
   * answer only when a promise is kept.
   */
  intercept: (method: string, path: string) => number | "hang up" | Promise<void> | undefined;
  /** Whether a PUT is answered with an ETag. */
  tagsWrites: boolean;
  stop(): Promise<void>;
}

/** The part of RFC 4791 that the calendar sender uses, with the answers of a strict server. */
export async function startCalendarServer(username: string, password: string): Promise<CalendarServer> {
  const resources = new Map<string, string>();
  const collections = new Set<string>();
  const writes: string[] = [];
  const changes: string[] = [];
  const etagOf = (content: string | undefined) =>
    content === undefined ? undefined : `"${createHash("sha1").update(content).digest("hex")}"`;

  function answer(method: string, path: string, request: IncomingMessage, body: string) {
    const etag = etagOf(resources.get(path));
    const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = request.headers;
    const collection = path.slice(0, path.lastIndexOf("/") + 1);
    if (method === "MKCALENDAR") {
      return collections.has(path) ? { status: 405 } : collections.add(path) && { status: 201 };
    }
    if (method === "GET") return etag ? { status: 200, etag, body: resources.get(path) } : { status: 404 };
    if (method === "PUT") {
      if (!collections.has(collection)) return { status: 409 };
      if (ifNoneMatch === "*" ? etag !== undefined : ifMatch !== etag) return { status: 412 };
      resources.set(path, body);
      changes.push(`PUT ${path}`);
      return { status: etag ? 204 : 201, etag: calendars.tagsWrites ? etagOf(body) : undefined };
    }
    if (method === "DELETE") {
      if (!etag) return { status: 404 };
      if (ifMatch !== etag) return { status: 412 };
      resources.delete(path);
      changes.push(`DELETE ${path}`);
      return { status: 204 };
    }
    return { status: 405 };
  }

  const wanted = `Basic ${btoa(`${username}:${password}`)}`;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const method = request.method ?? "";
    const path = decodeURIComponent((request.url ?? "").replace("/calendars/", ""));
    if (request.headers.authorization !== wanted) return response.writeHead(401).end();
    if (method !== "GET") writes.push(`${method} ${path}`);
    const intervention = calendars.intercept(method, path);
    if (typeof intervention === "number") return response.writeHead(intervention).end();
    const { status, etag, body: content } = answer(method, path, request, body) as {
      status: number;
      etag?: string;
      body?: string;
    };
    if (intervention === "hang up") return request.socket.destroy();
    await intervention;
    response.writeHead(status, etag ? { etag } : {}).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const calendars: CalendarServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/calendars`,
    resources,
    writes,
    changes,
    intercept: () => undefined,
    tagsWrites: true,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return calendars;
}
