import { readTreeCheckpoint } from "../tree-checkpoint.ts";
import { cosignedAt } from "./cosignature.ts";
import { cosignLatest, type WitnessedLog } from "./cosign-latest.ts";
import { RewrittenLog } from "./cosign-tree.ts";
import { WitnessUnavailable } from "./witness-client.ts";

/** What a witness says of the log. */
export interface WitnessTold {
  /** How many rows it vouches for, and since when. */
  cosigned?: { rows: number; at: string };
  /** Why it could not be asked. */
  away?: string;
}

/**
 * Asks the witness itself, whatever the folder says of it: who has signing key and folder could have written another history,
 * and that is what the witness refuses. An answer that it has not given is no problem of the trail.
 */
export async function askWitness(log: WitnessedLog): Promise<{ told: WitnessTold; problem?: string }> {
  try {
    const note = await cosignLatest(log, 0);
    if (note === undefined) return { told: {} };
    const { size } = readTreeCheckpoint(note, log.verifiers)!;
    return { told: { cosigned: { rows: size, at: cosignedAt(note, log.witness.verifier)!.toISOString() } } };
  } catch (error) {
    if (error instanceof RewrittenLog) return { told: {}, problem: error.message };
    if (error instanceof WitnessUnavailable) return { told: { away: error.message } };
    throw error;
  }
}
