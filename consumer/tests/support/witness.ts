import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { isConsistent, type TreeHead } from "../../src/jobs/audit/merkle.ts";
import {
  type NoteVerifier,
  openNote,
  signatureLine,
  signerOf,
  signText,
  verifierOf,
  writeVerifier,
} from "../../src/jobs/audit/signed-note.ts";
import { cosignatureType, cosignedText } from "../../src/jobs/audit/witness/cosignature.ts";
import type { Certificate } from "./certificates.ts";

export interface WitnessAnswer {
  status: number;
  body?: string;
  headers?: Record<string, string>;
}

export interface WitnessServer {
  url: string;
  vkey: string;
  verifier: NoteVerifier;
  /** The old sizes of the requests, with what was answered. */
  asked: [oldSize: number, status: number][];
  /** By origin: what it has cosigned last. */
  cosigned: Map<string, TreeHead>;
  /** Answers in its place where it returns something. */
  intercept?: ((body: string) => WitnessAnswer | undefined) | undefined;
  stop(): Promise<void>;
}

/** A witness of these logs as C2SP tlog-witness specifies one, with a state and a key of its own. */
export async function startWitness(logs: readonly NoteVerifier[], tls?: Certificate): Promise<WitnessServer> {
  const name = "witness.example/w1";
  const { seed, publicKey } = signerOf(name, randomBytes(32));
  const verifier = verifierOf(name, publicKey, cosignatureType);
  const cosigned = new Map<string, TreeHead>();
  const asked: WitnessServer["asked"] = [];

  function answer(body: string): WitnessAnswer {
    const request = readRequest(body);
    if (!request) return { status: 400 };
    const { oldSize, proof, note, origin, head } = request;
    const keys = logs.filter((log) => log.name === origin);
    if (keys.length === 0) return { status: 404 };
    const checkpoint = openNote(note, keys);
    if (checkpoint === undefined) return { status: 403 };
    if (oldSize > head.size) return { status: 400 };
    const known = cosigned.get(origin) ?? { size: 0, root: Buffer.alloc(0) };
    const conflict = { status: 409, body: `${known.size}\n`, headers: { "content-type": "text/x.tlog.size" } };
    if (oldSize !== known.size || oldSize === head.size && !head.root.equals(known.root)) return conflict;
    if (!isConsistent(known, head, proof)) return { status: 422 };
    cosigned.set(origin, head);
    const seconds = BigInt(Math.floor(Date.now() / 1_000));
    const timestamp = Buffer.alloc(8);
    timestamp.writeBigUInt64BE(seconds);
    const signature = Buffer.concat([timestamp, signText(cosignedText(checkpoint, seconds), seed)]);
    // A key that nobody has told the log of, beside its own.
    const foreign = signatureLine({ name: "witness.example/w2", id: randomBytes(4) }, randomBytes(72));
    return { status: 200, body: `${foreign}${signatureLine(verifier, signature)}` };
  }

  const witness: WitnessServer = {
    url: "",
    vkey: writeVerifier(verifier, cosignatureType),
    verifier,
    asked,
    cosigned,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  const listener: RequestListener = async (request, response) => {
    const body = await bodyOf(request);
    const { status, body: answered = "", headers = {} } = witness.intercept?.(body) ?? answer(body);
    asked.push([Number(/^old (\d+)$/m.exec(body)?.[1]), status]);
    response.writeHead(status, headers).end(answered);
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await once(server.listen(0, "localhost"), "listening");
  witness.url = `${tls ? "https" : "http"}://localhost:${(server.address() as AddressInfo).port}/submission`;
  return witness;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const body = await text(request);
  return request.method === "POST" && request.url === "/submission/add-checkpoint" ? body : "";
}

function readRequest(body: string) {
  const end = body.indexOf("\n\n");
  const [first = "", ...hashes] = body.slice(0, Math.max(end, 0)).split("\n");
  const note = body.slice(end + 2);
  const [origin = "", size = "", root = ""] = note.split("\n");
  const number = /^(0|[1-9]\d*)$/;
  const old = /^old (.*)$/.exec(first)?.[1] ?? "";
  if (!number.test(old) || !number.test(size) || hashes.length > 63) return undefined;
  const bytes = (base64: string) => Buffer.from(base64, "base64");
  const head = { size: Number(size), root: bytes(root) };
  return { oldSize: Number(old), proof: hashes.map(bytes), note, origin, head };
}
