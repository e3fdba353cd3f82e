import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Buffer } from "node:buffer";

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface HttpServer {
  url: string;
  stop(): Promise<void>;
}

/** Serves a function from request to answer on 127.0.0.1; an exception is a 500. */
export async function startHttpServer(port: number, answer: (request: Request) => Promise<Answer> | Answer) {
  const server = createServer((incoming, response) => {
    respond(incoming, response, answer).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  } satisfies HttpServer;
}

async function respond(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request) => Promise<Answer> | Answer,
) {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { status, headers, body = "" } = await answer({
    method: incoming.method!,
    path: decodeURIComponent(new URL(incoming.url!, "http://localhost").pathname),
    query: new URL(incoming.url!, "http://localhost").searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  });
  response.writeHead(status, {
    "content-length": Buffer.byteLength(body),
    ...headers,
  }).end(body);
}

export function json(status: number, value: unknown): Answer {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  };
}

export function html(body: string): Answer {
  return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body };
}

/** Whether the request carries these credentials as HTTP Basic authentication. */
export function isAuthorized(request: Request, user: string, password: string): boolean {
  return request.headers.authorization ===
    `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
