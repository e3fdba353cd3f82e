import { consistencyProof, type NodeAt, type TreeHead } from "../merkle.ts";
import { addCosignature } from "./cosignature.ts";
import { addCheckpoint, type Witness, WitnessUnavailable } from "./witness-client.ts";

/** The witness has seen another history of this log than the one that it is asked to cosign. */
export class RewrittenLog extends Error {
  override name = "RewrittenLog";
}

export interface TreeToCosign {
  /** The signed checkpoint, and what it says. */
  note: string;
  head: TreeHead;
  nodeAt: NodeAt;
  /** The size that the witness has cosigned last, as far as is known here. */
  knownSize: number;
}

/** The checkpoint with the witness' cosignature. Throws a RewrittenLog, or a WitnessUnavailable. */
export async function cosignTree(witness: Witness, { note, head, nodeAt, knownSize }: TreeToCosign): Promise<string> {
  const ask = async (oldSize: number) => {
    const proof = await consistencyProof(nodeAt, oldSize, head.size);
    return await addCheckpoint(witness, { oldSize, proof, note });
  };
  let oldSize = knownSize;
  let answer = await ask(oldSize);
  if (answer.kind === "conflict") {
    oldSize = answer.size;
    if (oldSize > head.size) {
      throw new RewrittenLog(`the witness has cosigned ${oldSize} rows, and the last checkpoint knows ${head.size}`);
    }
    answer = await ask(oldSize);
  }
  if (answer.kind === "refused") {
    throw new RewrittenLog(
      `the witness refuses the tree of ${head.size} rows: it does not begin with the ${oldSize} rows that it has cosigned`,
    );
  }
  if (answer.kind === "conflict") throw new WitnessUnavailable("the witness was told of another checkpoint meanwhile");
  const cosigned = addCosignature(note, answer.lines, witness.verifier);
  if (cosigned === undefined) throw new WitnessUnavailable("the witness answered without a cosignature of its key");
  return cosigned;
}
