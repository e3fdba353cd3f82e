import { Buffer } from "node:buffer";
import {
  isSignatureOf,
  isSigned,
  KeyError,
  type NoteSignature,
  type NoteVerifier,
  parseVerifier,
  readSignatures,
  splitNote,
} from "../signed-note.ts";
import { weaknessOfPublicKey } from "../weak-keys.ts";

/** The signature type of C2SP tlog-cosignature with Ed25519. */
export const cosignatureType = 4;
const timestampBytes = 8;

/** A witness' public key as C2SP writes it, `NAME+ID+BASE64`. Throws a KeyError, also for one that anybody can sign for. */
export function parseWitnessKey(text: string): NoteVerifier {
  const verifier = parseVerifier(text, cosignatureType);
  const weakness = weaknessOfPublicKey(verifier.publicKey);
  if (weakness !== undefined) throw new KeyError(weakness);
  return verifier;
}

/** C2SP tlog-cosignature: what a witness signs of a checkpoint, at a time in seconds since 1970. */
export function cosignedText(checkpoint: string, seconds: bigint): string {
  return `cosignature/v1\ntime ${seconds}\n${checkpoint}`;
}

/** When the witness has cosigned the note; undefined where it has not, or where its line is no cosignature of this text. */
export function cosignedAt(note: string, witness: NoteVerifier): Date | undefined {
  const { text, lines } = splitNote(note) ?? { text: "", lines: "" };
  for (const one of readSignatures(lines) ?? []) {
    if (!isSignatureOf(witness, one)) continue;
    const at = timeOf(text, one, witness);
    if (at) return at;
  }
  return undefined;
}

function timeOf(text: string, { signature }: NoteSignature, witness: NoteVerifier): Date | undefined {
  if (signature.length < timestampBytes) return undefined;
  const seconds = Buffer.from(signature).readBigUInt64BE();
  if (!isSigned(cosignedText(text, seconds), signature.subarray(timestampBytes), witness)) return undefined;
  const at = new Date(Number(seconds) * 1_000);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** The note with those lines of a witness' answer that are its cosignatures; undefined where there is none. */
export function addCosignature(note: string, answer: string, witness: NoteVerifier): string | undefined {
  const own = answer.split(/(?<=\n)/).filter((line) => {
    const [signature] = readSignatures(line) ?? [];
    return signature !== undefined && isSignatureOf(witness, signature);
  });
  const cosigned = `${note}${own.join("")}`;
  return own.length > 0 && cosignedAt(cosigned, witness) ? cosigned : undefined;
}
