import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { WireMessage } from "./capture.ts";

export interface MessageServer {
  port: number;
  close(): Promise<void>;
}

/** What Pact's verifier asks of a provider: bring about a state, then hand over a message as bytes, or answer a request. */
export interface MessageSource {
  /** Answers with what the requests of the interaction need to know of it. */
  setUp(state: string, params: Record<string, unknown>): Promise<object | void>;
  message(description: string): WireMessage;
  /** The producer's own answer to a request for this address; with a body, to a POST. */
  answer(path: string, body?: string): Promise<Response>;
}

export async function startMessageServer(source: MessageSource): Promise<MessageServer> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const path = incoming.url ?? "/";
      if (incoming.method === "GET" || path.startsWith("/ops/")) {
        const body = incoming.method === "GET" ? undefined : JSON.stringify(await readJson(incoming));
        const response = await source.answer(path, body);
        const type = response.headers.get("content-type") ?? "application/octet-stream";
        outgoing.writeHead(response.status, { "content-type": type }).end(Buffer.from(await response.arrayBuffer()));
        return;
      }
      const body = await readJson(incoming);
      if (incoming.url === "/states") {
        const values = await source.setUp(body.state, body.params ?? {});
        outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(values ?? {}));
        return;
      }
      const { content, exchange, routingKey, properties } = source.message(body.description);
      const metadata = { contentType: properties.contentType, exchange, routingKey };
      outgoing.writeHead(200, {
        "content-type": String(properties.contentType),
        "pact-message-metadata": Buffer.from(JSON.stringify(metadata)).toString("base64"),
      }).end(content);
    } catch (error) {
      // Not a 5xx: the verifier would try those again and again.
      outgoing.writeHead(400, { "content-type": "text/plain" }).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function readJson(incoming: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
