import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

/** The Ed25519 signature type of C2SP signed-note. */
const ed25519 = 1;
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** Who signs notes: an Ed25519 key with a name, which is the first line of what it signs here. */
export interface NoteVerifier {
  name: string;
  id: Buffer;
  publicKey: Buffer;
}

export interface NoteSigner extends NoteVerifier {
  seed: Buffer;
}

export class KeyError extends Error {
  override name = "KeyError";
}

/** `PRIVATE+KEY+NAME+ID+BASE64`, as Go's sumdb/note writes it. Throws a KeyError, which does not quote the key. */
export function parseSigner(text: string): NoteSigner {
  if (!text.startsWith("PRIVATE+KEY+")) throw new KeyError("is no key that `consumer audit new-key` has made");
  const { name, id, data } = parseKey(text.slice("PRIVATE+KEY+".length));
  const signer = signerOf(name, data);
  if (!signer.id.equals(id)) throw new KeyError("is damaged: its id is not that of the key");
  return signer;
}

/** `NAME+ID+BASE64`: a public key, as C2SP signed-note users exchange it. Throws a KeyError. */
export function parseVerifier(text: string): NoteVerifier {
  const { name, id, data } = parseKey(text);
  const verifier = { name, id: keyId(name, data), publicKey: data };
  if (!verifier.id.equals(id)) throw new KeyError("is damaged: its id is not that of the key");
  return verifier;
}

function parseKey(text: string): { name: string; id: Buffer; data: Buffer } {
  const [name, id, base64, ...rest] = splitKey(text);
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id) || rest.length > 0) {
    throw new KeyError("is no NAME+ID+KEY of a signed note");
  }
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== 33 || bytes[0] !== ed25519) throw new KeyError("is no Ed25519 key");
  return { name, id: Buffer.from(id, "hex"), data: bytes.subarray(1) };
}

/** Base64 has plus signs of its own. */
function splitKey(text: string): [string, string, string, ...string[]] {
  const [name = "", id = "", ...base64] = text.trim().split("+");
  return [name, id, base64.join("+")];
}

export function isKeyName(name: string): boolean {
  return /^[^\s+\p{Cc}\p{Z}]+$/u.test(name);
}

export function signerOf(name: string, seed: Buffer): NoteSigner {
  const publicKey = createPublicKey(privateKey(seed)).export({ format: "der", type: "spki" }).subarray(-32);
  return { name, seed, publicKey, id: keyId(name, publicKey) };
}

export function writeSigner({ name, id, seed }: NoteSigner): string {
  return `PRIVATE+KEY+${name}+${id.toString("hex")}+${typed(seed).toString("base64")}`;
}

export function writeVerifier({ name, id, publicKey }: NoteVerifier): string {
  return `${name}+${id.toString("hex")}+${typed(publicKey).toString("base64")}`;
}

function typed(key: Buffer): Buffer {
  return Buffer.concat([Buffer.of(ed25519), key]);
}

function keyId(name: string, publicKey: Buffer): Buffer {
  return createHash("sha256").update(`${name}\n`).update(typed(publicKey)).digest().subarray(0, 4);
}

function privateKey(seed: Buffer) {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
}

/** C2SP signed-note. The text ends in a newline. */
export function signNote(text: string, signer: NoteSigner): string {
  const signature = Buffer.concat([signer.id, sign(null, Buffer.from(text), privateKey(signer.seed))]);
  return `${text}\n— ${signer.name} ${signature.toString("base64")}\n`;
}

/** The text of a note that one of the keys has signed; undefined where none has, or where a signature is wrong. */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): string | undefined {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) return undefined;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2).split("\n").slice(0, -1);
  let opened = false;
  for (const line of lines) {
    const [, name, base64] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    const bytes = Buffer.from(base64!, "base64");
    const known = verifiers.find((one) => one.name === name && one.id.equals(bytes.subarray(0, 4)));
    if (!known) continue;
    if (!isSigned(text, bytes.subarray(4), known)) return undefined;
    opened = true;
  }
  return opened ? text : undefined;
}

function isSigned(text: string, signature: Buffer, { publicKey }: NoteVerifier): boolean {
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: "der", type: "spki" });
  return signature.length === 64 && verify(null, Buffer.from(text), key, signature);
}
