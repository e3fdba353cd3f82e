import { type Checkpoint, readCheckpoints } from "./checkpoint.ts";
import type { NoteVerifier } from "./signed-note.ts";
import type { AuditProblem, Evidence } from "./trail-walk.ts";
import { readLatest, readTreeCheckpoints } from "./tree-checkpoints.ts";

/** Where checkpoints are, and what they are held against: each kind is read where its key is known. */
export interface EvidenceSource {
  folder: string;
  verifiers: readonly NoteVerifier[];
  hmacKey?: string | undefined;
}

export interface ReadEvidence extends Evidence {
  /** Files that are there and that none of the keys has signed. */
  forged: AuditProblem[];
  /** The size of the last signed checkpoint by now; absent where none has been signed yet. */
  signedSize?: () => Promise<number>;
}

export async function readEvidence({ folder, verifiers, hmacKey }: EvidenceSource): Promise<ReadEvidence> {
  const old: { checkpoints: Checkpoint[]; invalid: string[] } = hmacKey === undefined
    ? { checkpoints: [], invalid: [] }
    : await readCheckpoints({ folder, hmacKey });
  const signed = verifiers.length === 0 ? { heads: [], invalid: [] } : await readTreeCheckpoints(folder, verifiers);
  const forged = [...old.invalid, ...signed.invalid].map((name) => ({
    reason: `${name} is not a checkpoint of this key`,
  }));
  return {
    checkpoints: old.checkpoints,
    heads: signed.heads,
    forged,
    ...(signed.heads.length > 0 && { signedSize: async () => (await readLatest(folder, verifiers))?.size ?? 0 }),
  };
}
