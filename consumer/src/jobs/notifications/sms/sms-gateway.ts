import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { isTlsRefusal } from "../../../outgoing/refusal.ts";
import type { HandOver } from "../hand-over.ts";
import { handOverOfReply } from "./hand-over-of-reply.ts";

export interface TextMessage {
  to: string;
  body: string;
  /** The send's id, by which the gateway's receipts are known. */
  send: string;
  /** The same for the same send, so that a gateway that looks at it recognizes a repetition. */
  reference: string;
}

/** Hands text messages over to a gateway; says what came of it and never throws. */
export interface SmsGateway {
  send(message: TextMessage): Promise<HandOver>;
}

export interface SmsGatewayOptions {
  /** Base URL of a gateway with Twilio's Messages resource. */
  url: string;
  accountSid: string;
  authToken: string;
  from: string;
  timeoutMs: number;
  /** Where the gateway tells what becomes of a message; without it it is not asked to. */
  statusUrl?: string | undefined;
  /** Whom to trust instead of the public authorities, in PEM. */
  ca?: string | undefined;
}

export function createSmsGateway(options: SmsGatewayOptions): SmsGateway {
  const { url, accountSid, authToken, from, timeoutMs, ca, statusUrl } = options;
  const base = url.endsWith("/") ? url : `${url}/`;
  const address = new URL(`2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`, base);
  const request = address.protocol === "https:" ? httpsRequest : httpRequest;

  return {
    send: ({ to, body, send, reference }) =>
      new Promise((resolve) => {
        const form = new URLSearchParams({
          To: to,
          From: from,
          Body: body,
          ...(statusUrl !== undefined && { StatusCallback: `${statusUrl}?send=${send}` }),
        }).toString();
        const outgoing = request(address, {
          method: "POST",
          auth: `${accountSid}:${authToken}`,
          // A connection of its own: on a reused one a reset could not tell whether the request had arrived.
          agent: false,
          ...(ca !== undefined && { ca }),
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            "content-type": "application/x-www-form-urlencoded",
            "content-length": Buffer.byteLength(form),
            "idempotency-key": reference,
          },
        });
        let connected = false;
        outgoing.on("socket", (socket) => {
          connected = !socket.connecting;
          socket.once(address.protocol === "https:" ? "secureConnect" : "connect", () => connected = true);
        });
        const lost = (error: Error) => {
          const { message: reason } = error;
          if (connected) resolve({ kind: "unknown", reason });
          else resolve({ kind: "unavailable", reason, ...(isTlsRefusal(error) && { refusal: "tls" }) });
        };
        outgoing.on("error", lost);
        outgoing.on("response", (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", lost);
          response.on("end", () => {
            const reply = Buffer.concat(chunks).toString("utf8");
            const handOver = handOverOfReply(
              response.statusCode ?? 0,
              reply,
              response.headers["retry-after"],
              new Date(),
            );
            resolve(handOver.kind === "accepted" ? { ...handOver, contentHash: sha256(body) } : handOver);
          });
        });
        outgoing.end(form);
      }),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
