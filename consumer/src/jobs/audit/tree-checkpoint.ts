import { Buffer } from "node:buffer";
import type { TreeHead } from "./merkle.ts";
import { type NoteSigner, type NoteVerifier, openNote, signNote } from "./signed-note.ts";

/** C2SP tlog-checkpoint: the tree's size and root, signed under the key's name, which is the log's origin. */
export function writeTreeCheckpoint({ size, root }: TreeHead, signer: NoteSigner): string {
  return signNote(`${signer.name}\n${size}\n${root.toString("base64")}\n`, signer);
}

/** Undefined where none of the keys has signed it, or where it is no checkpoint of that key's log. */
export function readTreeCheckpoint(note: string, verifiers: readonly NoteVerifier[]): TreeHead | undefined {
  const text = openNote(note, verifiers);
  if (text === undefined) return undefined;
  const [origin, size, root = ""] = text.split("\n");
  const hash = Buffer.from(root, "base64");
  if (!verifiers.some(({ name }) => name === origin) || hash.toString("base64") !== root || hash.length !== 32) {
    return undefined;
  }
  return /^(0|[1-9]\d{0,15})$/.test(size ?? "") ? { size: Number(size), root: hash } : undefined;
}
