import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

type Attribute = { key: string; value: { stringValue?: string; intValue?: number } };

/** A span as OTLP/HTTP has it in JSON. */
export type ReceivedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  status: { code: number };
  links?: { traceId: string; spanId: string }[];
};

export type OtlpSink = Awaited<ReturnType<typeof startOtlpSink>>;

export const attributesOf = (span: ReceivedSpan | undefined) =>
  Object.fromEntries(
    span?.attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]) ?? [],
  );

/** A collector that keeps what it gets or, when it is silent, takes requests and never answers. */
export async function startOtlpSink(options: { silent?: boolean } = {}) {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (options.silent) return;
    if (request.url !== "/v1/traces") return void response.writeHead(404).end();
    bodies.push(body);
    response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans: (): ReceivedSpan[] =>
      bodies.flatMap((body) => JSON.parse(body).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
