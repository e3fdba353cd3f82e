import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { onTestFinished } from "vitest";

export interface CaughtText {
  to: string;
  from: string;
  body: string;
  path: string;
  authorization: string;
  reference: string;
  statusCallback?: string;
}

export interface TestGateway {
  url: string;
  texts: CaughtText[];
  requests: number;
}

export type Answer = (text: CaughtText, response: ServerResponse, request: IncomingMessage) => void;

/** A gateway of Twilio's shape that keeps what it accepts, until the test is finished. */
export async function startSmsGateway(
  answer: Answer = accept,
  tls?: { cert: string; key: string },
): Promise<TestGateway> {
  const gateway: TestGateway = { url: "", texts: [], requests: 0 };
  const listener: RequestListener = (request, response) => {
    let form = "";
    request.setEncoding("utf8").on("data", (chunk) => form += chunk).on("end", () => {
      gateway.requests += 1;
      const fields = new URLSearchParams(form);
      const text = {
        to: fields.get("To") ?? "",
        from: fields.get("From") ?? "",
        body: fields.get("Body") ?? "",
        path: request.url ?? "",
        authorization: request.headers.authorization ?? "",
        reference: String(request.headers["idempotency-key"]),
        ...(fields.has("StatusCallback") && { statusCallback: fields.get("StatusCallback")! }),
      };
      answer(text, response, request);
      if (response.statusCode === 201) gateway.texts.push(text);
    });
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  gateway.url = `${tls ? "https://localhost" : "http://127.0.0.1"}:${(server.address() as { port: number }).port}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return gateway;
}

export function accept(_text: CaughtText, response: ServerResponse): void {
  reply(response, 201, { sid: "SM0123456789", status: "queued" });
}

export function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
