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
export function parseVerifier(text: string, type: number = ed25519): NoteVerifier {
  const { name, id, data } = parseKey(text, type);
  const verifier = verifierOf(name, data, type);
  if (!verifier.id.equals(id)) throw new KeyError("is damaged: its id is not that of the key");
  return verifier;
}

export function verifierOf(name: string, publicKey: Buffer, type: number): NoteVerifier {
  return { name, id: keyId(name, publicKey, type), publicKey };
}

function parseKey(text: string, type: number = ed25519): { name: string; id: Buffer; data: Buffer } {
  const [name, id, base64, ...rest] = splitKey(text);
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id) || rest.length > 0) {
    throw new KeyError("is no NAME+ID+KEY of a signed note");
  }
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== 33 || bytes[0] !== type) throw new KeyError(`is no Ed25519 key of the signature type ${type}`);
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

export function writeVerifier({ name, id, publicKey }: NoteVerifier, type: number = ed25519): string {
  return `${name}+${id.toString("hex")}+${typed(publicKey, type).toString("base64")}`;
}

function typed(key: Buffer, type: number = ed25519): Buffer {
  return Buffer.concat([Buffer.of(type), key]);
}

function keyId(name: string, publicKey: Buffer, type: number = ed25519): Buffer {
  return createHash("sha256").update(`${name}\n`).update(typed(publicKey, type)).digest().subarray(0, 4);
}

/** The bare Ed25519 signature. */
export function signText(text: string, seed: Buffer): Buffer {
  return sign(null, Buffer.from(text), privateKey(seed));
}

function privateKey(seed: Buffer) {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
}

/** C2SP signed-note. The text ends in a newline. */
export function signNote(text: string, signer: NoteSigner): string {
  return `${text}\n${signatureLine(signer, signText(text, signer.seed))}`;
}

export function signatureLine({ name, id }: Pick<NoteVerifier, "name" | "id">, signature: Buffer): string {
  return `— ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
}

export interface NoteSignature {
  name: string;
  id: Buffer;
  signature: Buffer;
}

/** The lines of signatures below a text; undefined where one of them is none. */
export function readSignatures(lines: string): NoteSignature[] | undefined {
  if (!lines.endsWith("\n")) return undefined;
  const signatures = lines.split("\n").slice(0, -1).map((line) => {
    const [, name, base64] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    const bytes = Buffer.from(base64!, "base64");
    return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
  });
  return signatures.every((one) => one !== undefined) ? signatures : undefined;
}

/** The text, and the lines of its signatures; undefined where it is no note. */
export function splitNote(note: string): { text: string; lines: string } | undefined {
  const end = note.lastIndexOf("\n\n");
  return end < 0 ? undefined : { text: note.slice(0, end + 1), lines: note.slice(end + 2) };
}

export function isSignatureOf({ name, id }: NoteVerifier, signature: NoteSignature): boolean {
  return name === signature.name && id.equals(signature.id);
}

/** The text of a note that one of the keys has signed; undefined where none has, or where a signature is wrong. */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): string | undefined {
  const { text, lines } = splitNote(note) ?? { text: "", lines: "" };
  let opened = false;
  for (const one of readSignatures(lines) ?? []) {
    const known = verifiers.find((verifier) => isSignatureOf(verifier, one));
    if (!known) continue;
    if (!isSigned(text, one.signature, known)) return undefined;
    opened = true;
  }
  return opened ? text : undefined;
}

export function isSigned(text: string, signature: Buffer, { publicKey }: NoteVerifier): boolean {
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: "der", type: "spki" });
  return signature.length === 64 && verify(null, Buffer.from(text), key, signature);
}
