import { Buffer } from "node:buffer";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isTlsRefusal, type Refusal } from "../../outgoing/refusal.ts";
import { preconditionsOf } from "./dav-error.ts";

export interface CaldavOptions {
  /** The collection that holds one calendar for each doctor. */
  url: string;
  username: string;
  password: string;
  /** Whom to trust instead of the public authorities, in PEM. */
  ca?: string | undefined;
  timeoutMs?: number;
}

/** The server was not reached, or serves nobody now; with a refusal, until a configuration is changed. */
export class CaldavUnavailable extends Error {
  override name = "CaldavUnavailable";
  refusal: Refusal | undefined;
  constructor(message: string, options: ErrorOptions & { refusal?: Refusal | undefined } = {}) {
    super(message, options);
    this.refusal = options.refusal;
  }
}

export interface DavAnswer {
  method: string;
  address: string;
  status: number;
  ok: boolean;
  etag: string | null;
  text: string;
  /** The names of the elements in which the server says what the request missed (RFC 4918, 16). */
  preconditions: string[];
}

export type DavRequest = (
  method: string,
  address: string,
  headers?: Record<string, string>,
  body?: string,
) => Promise<DavAnswer>;

/**
 * Asks one server as one user. Over node:http, since fetch takes no authority of one's own and on Deno repeats requests
 * by itself; a connection for each request, so that none is lost to a server that closes idle ones. No redirect is followed:
 * it would take the password along.
 */
export function createDavRequest({ url, username, password, ca, timeoutMs = 10_000 }: CaldavOptions): DavRequest {
  const send = new URL(url).protocol === "https:" ? httpsRequest : httpRequest;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

  function exchange(method: string, address: string, headers: Record<string, string>, body: string | undefined) {
    return new Promise<{ response: IncomingMessage; text: string }>((resolve, reject) => {
      const outgoing = send(address, {
        method,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        ...(ca !== undefined && { ca }),
        headers: {
          authorization,
          // A proxy that compresses an answer makes its ETag weak, and a weak one guards no writing.
          "accept-encoding": "identity",
          ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
          ...headers,
        },
      });
      outgoing.on("error", reject);
      outgoing.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ response, text: Buffer.concat(chunks).toString("utf8") }));
      });
      outgoing.end(body);
    });
  }

  return async (method, address, headers = {}, body) => {
    let answer: { response: IncomingMessage; text: string };
    try {
      answer = await exchange(method, address, headers, body);
    } catch (cause) {
      const refusal = isTlsRefusal(cause) ? "tls" : undefined;
      throw new CaldavUnavailable(`${method} ${address} got no answer: ${cause}`, { cause, refusal });
    }
    const { response: { statusCode: status = 0, headers: { etag = null, location } }, text } = answer;
    if (status === 401 || status === 429 || status >= 500) {
      const refusal = status === 401 ? "authentication" : undefined;
      throw new CaldavUnavailable(`${method} ${address} was answered with ${status}`, { refusal });
    }
    if (status >= 300 && status < 400) {
      const message = `${method} ${address} was answered with ${status}, which leads to ${location ?? "nowhere"}`;
      throw new CaldavUnavailable(message, { refusal: "rejected" });
    }
    const ok = status >= 200 && status < 300;
    return { method, address, status, ok, etag, text, preconditions: ok ? [] : preconditionsOf(text) };
  };
}
