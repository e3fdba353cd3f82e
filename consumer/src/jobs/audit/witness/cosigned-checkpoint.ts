import { join } from "node:path";
import { replaceDurably } from "../durable-file.ts";
import type { TreeHead } from "../merkle.ts";
import type { NoteVerifier } from "../signed-note.ts";
import { readTreeCheckpoint } from "../tree-checkpoint.ts";
import { cosignedName, readOrNothing } from "../tree-checkpoints.ts";
import { cosignedAt } from "./cosignature.ts";

/** The checkpoint that the witness has cosigned last. */
export interface CosignedCheckpoint {
  note: string;
  head: TreeHead;
  at: Date;
}

/** Undefined where there is none, and where it is not of this log and this witness. */
export async function readCosigned(
  folder: string,
  verifiers: readonly NoteVerifier[],
  witness: NoteVerifier,
): Promise<CosignedCheckpoint | undefined> {
  const note = await readOrNothing(join(folder, cosignedName));
  if (note === undefined) return undefined;
  const head = readTreeCheckpoint(note, verifiers);
  const at = cosignedAt(note, witness);
  return head && at && { note, head, at };
}

export async function writeCosigned(folder: string, note: string): Promise<void> {
  await replaceDurably(join(folder, cosignedName), note);
}
