import type { Sql } from "postgres";
import type { NoteVerifier } from "../signed-note.ts";
import { tileReader } from "../tile-store.ts";
import { nodesOfTiles } from "../tiles.ts";
import { readTreeCheckpoint } from "../tree-checkpoint.ts";
import { readLatestNote } from "../tree-checkpoints.ts";
import { cosignTree, RewrittenLog } from "./cosign-tree.ts";
import type { Witness } from "./witness-client.ts";

export interface WitnessedLog {
  sql: Sql;
  folder: string;
  verifiers: readonly NoteVerifier[];
  witness: Witness;
}

/**
 * The last checkpoint with the witness' cosignature; undefined before the first one. `knownSize` is the size that the witness
 * has cosigned, as far as is known. Throws a RewrittenLog, or a WitnessUnavailable.
 */
export async function cosignLatest(
  { sql, folder, verifiers, witness }: WitnessedLog,
  knownSize: number,
): Promise<string | undefined> {
  for (let tried: string | undefined;;) {
    const note = await readLatestNote(folder);
    if (note === undefined) return undefined;
    const head = readTreeCheckpoint(note, verifiers);
    if (!head) throw new Error("the last checkpoint is not signed by this key");
    try {
      return await cosignTree(witness, { note, head, nodeAt: nodesOfTiles(tileReader(sql)), knownSize });
    } catch (error) {
      // Another process may have had a later one cosigned meanwhile.
      if (!(error instanceof RewrittenLog) || note === tried || note === await readLatestNote(folder)) throw error;
      tried = note;
    }
  }
}
