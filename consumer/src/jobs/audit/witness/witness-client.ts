import { Buffer } from "node:buffer";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { NoteVerifier } from "../signed-note.ts";

/** Who cosigns checkpoints: a service that somebody else runs (C2SP tlog-witness). */
export interface Witness {
  /** The submission prefix. */
  url: string;
  verifier: NoteVerifier;
  /** Whom to trust instead of the public authorities, in PEM. */
  ca?: string | undefined;
}

export interface AddCheckpoint {
  oldSize: number;
  /** That the tree of `oldSize` is the beginning of the one that is signed. */
  proof: readonly Buffer[];
  /** The signed checkpoint. */
  note: string;
}

/** `conflict`: the witness has cosigned a tree of another size; `refused`: what was sent is not the log that it knows. */
export type WitnessAnswer =
  | { kind: "cosigned"; lines: string }
  | { kind: "conflict"; size: number }
  | { kind: "refused" };

/** It did not answer, or it answered what the protocol does not know, or it has nothing to do with this log. */
export class WitnessUnavailable extends Error {
  override name = "WitnessUnavailable";
}

const timeoutMs = 10_000;
/** A line is shorter than 200 bytes, and a witness may have a few keys. */
const maxAnswerBytes = 16_384;

const reasons: Record<number, string> = {
  400: "it can't read the request",
  403: "it does not trust the key of AUDIT_SIGNING_KEY",
  404: "it does not know this log",
};

/** C2SP tlog-witness `add-checkpoint`. Throws a WitnessUnavailable. */
export async function addCheckpoint(witness: Witness, { oldSize, proof, note }: AddCheckpoint): Promise<WitnessAnswer> {
  const hashes = proof.map((hash) => `${hash.toString("base64")}\n`).join("");
  const { status, text, type, location } = await post(witness, `old ${oldSize}\n${hashes}\n${note}`);
  if (status === 200) return { kind: "cosigned", lines: text };
  if (status === 422) return { kind: "refused" };
  if (status === 409 && type === "text/x.tlog.size" && /^(0|[1-9]\d{0,15})\n$/.test(text)) {
    const size = Number(text);
    // Of the size that it was told it has another tree.
    return size === oldSize ? { kind: "refused" } : { kind: "conflict", size };
  }
  const reason = location === undefined ? reasons[status] : "a redirect is not followed";
  throw new WitnessUnavailable(`the witness answered ${status}${reason === undefined ? "" : `: ${reason}`}`);
}

interface Answer {
  status: number;
  type: string | undefined;
  location: string | undefined;
  text: string;
}

/** Over node:http, since fetch takes no authority of one's own, and follows redirects. */
function post({ url, ca }: Witness, body: string): Promise<Answer> {
  const address = new URL("add-checkpoint", url.endsWith("/") ? url : `${url}/`);
  const send = address.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const failed = (error: Error & { cause?: Error }) =>
      reject(
        new WitnessUnavailable(`the witness can't be reached: ${error.cause?.message ?? error.message}`, {
          cause: error,
        }),
      );
    const outgoing = send(address, {
      method: "POST",
      // A connection of its own: a kept one may be closed while the next request is on its way.
      agent: false,
      ...(ca !== undefined && { ca }),
      signal: AbortSignal.timeout(timeoutMs),
      headers: { "content-type": "text/plain; charset=utf-8", "content-length": String(Buffer.byteLength(body)) },
    });
    outgoing.on("error", failed);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) outgoing.destroy(new Error(`its answer is longer than ${maxAnswerBytes} bytes`));
      });
      response.on("error", failed);
      response.on("end", () => {
        const { statusCode: status = 0, headers } = response;
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status, text, type: headers["content-type"], location: headers.location });
      });
    });
    outgoing.end(body);
  });
}
