import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of a request: an answer of the gateway's own, one that is lost on its way back, or none at all. */
export type Fate = { status: number; headers?: Record<string, string>; body?: string } | "answer is lost" | "silence";

export type Gateway = {
  url: string;
  /** For the next requests, in turn; those after them are passed on. */
  plan(...fates: Fate[]): void;
  /** What came since the last plan. */
  requests: { at: number; method: string; url: string; headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
};

/** Stands between a client and the service, as any balancer or proxy does, and fails as they do. */
export async function createGateway(target: string): Promise<Gateway> {
  const requests: Gateway["requests"] = [];
  let fates: Fate[] = [];

  const server = createServer(async (incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    requests.push({ at: Date.now(), method, url, headers });
    const fate = fates.shift();
    if (fate === "silence") return;
    if (typeof fate === "object") return outgoing.writeHead(fate.status, fate.headers).end(fate.body);
    const sent = await buffer(incoming);
    const kept = Object.entries(headers).filter(([name]) =>
      !/^(host|connection|content-length|accept-encoding)$/.test(name)
    );
    const answer = await fetch(target + url, {
      method,
      headers: kept as [string, string][],
      ...(sent.length > 0 ? { body: sent } : {}),
    });
    const body = await answer.text();
    if (fate === "answer is lost") return incoming.socket.destroy();
    const given = [...answer.headers].filter(([name]) =>
      !/^(connection|keep-alive|transfer-encoding|content-length)$/.test(name)
    );
    outgoing.writeHead(answer.status, given).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    plan(...next) {
      requests.length = 0;
      fates = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
