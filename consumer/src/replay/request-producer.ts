import { Buffer } from "node:buffer";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface OpsOptions {
  url: string;
  /** A key with the producer's scope `ops`. */
  key: string;
  /** Whom to trust instead of the public authorities, in PEM. */
  ca?: string | undefined;
  /** Items in a page. */
  limit?: number;
}

export interface ProducerRequest {
  /** Below the producer's URL. */
  path: string;
  query?: Record<string, string | undefined>;
  /** Sent as JSON in a POST; without it the request is a GET. */
  body?: object;
  timeoutMs: number;
}

export interface ProducerAnswer {
  address: URL;
  status: number;
  ok: boolean;
  text: string;
  /** Where a redirect leads. */
  location: string | undefined;
  /** What the producer's clock said. */
  date: string | undefined;
}

/**
 * Asks the producer with its key, over node:http, since fetch takes no authority of one's own. A redirect is an answer
 * like any other: wherever it leads, nobody there gets the key. Throws where there is no answer.
 */
export async function requestProducer(
  { url, key, ca }: OpsOptions,
  { path, query = {}, body, timeoutMs }: ProducerRequest,
): Promise<ProducerAnswer> {
  const address = new URL(path, url.endsWith("/") ? url : `${url}/`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) address.searchParams.set(name, value);
  const method = body === undefined ? "GET" : "POST";
  const content = body === undefined ? undefined : JSON.stringify(body);
  const send = address.protocol === "https:" ? httpsRequest : httpRequest;
  return await new Promise((resolve, reject) => {
    const failed = (error: Error & { cause?: Error }) =>
      reject(new Error(`${method} ${address} failed: ${error.cause?.message ?? error.message}`, { cause: error }));
    const outgoing = send(address, {
      method,
      // A connection of its own: a kept one may be closed while the next request is on its way.
      agent: false,
      ...(ca !== undefined && { ca }),
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        "x-api-key": key,
        ...(content !== undefined && {
          "content-type": "application/json",
          "content-length": String(Buffer.byteLength(content)),
        }),
      },
    });
    outgoing.on("error", failed);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", failed);
      response.on("end", () => {
        const { statusCode: status = 0, headers: { location, date } } = response;
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ address, status, ok: status >= 200 && status < 300, text, location, date });
      });
    });
    outgoing.end(content);
  });
}

/** What an answer that is no success says; a redirect's own text says nothing. */
export function refusalOf({ status, text, location }: ProducerAnswer): string {
  return location === undefined ? `${status}: ${text}` : `${status}, which leads to ${location} and is not followed`;
}
