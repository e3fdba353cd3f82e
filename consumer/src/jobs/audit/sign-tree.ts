import type { Sql } from "postgres";
import { BrokenTrail, takeSealerLock } from "./chain-store.ts";
import { treeRoot } from "./merkle.ts";
import type { NoteSigner } from "./signed-note.ts";
import { readTreeSize, tileReader } from "./tile-store.ts";
import { nodesOfTiles } from "./tiles.ts";
import { keepTreeCheckpoint, publishTreeCheckpoint, readLatest } from "./tree-checkpoints.ts";

/** A folder that nobody who may write to the database writes to, and the key that is not in the database either. */
export interface SignedFolder {
  folder: string;
  signer: NoteSigner;
}

/**
 * Signs the tree as it is committed, where it has grown since the last checkpoint; answers its size, or undefined while
 * another process seals. Of a tree that does not begin with what was signed last, nothing is signed: a BrokenTrail.
 */
export async function signTree(sql: Sql, { folder, signer }: SignedFolder, keep: boolean): Promise<number | undefined> {
  return await sql.begin(async (transaction) => {
    // Under the sealer's lock, so that no process replaces a checkpoint by an earlier one.
    const [isLocked, size] = await Promise.all([takeSealerLock(transaction), readTreeSize(transaction)]);
    if (!isLocked) return undefined;
    const latest = await readLatest(folder, [signer]);
    const lastLeaves = [size, latest?.size ?? 0].filter((count) => count > 0).map((count) => count - 1);
    const nodeAt = nodesOfTiles(tileReader(transaction, lastLeaves));
    if (latest) {
      if (latest.size > size) {
        throw new BrokenTrail(`the last checkpoint knows ${latest.size} rows, the tree has ${size}`);
      }
      const root = await treeRoot(nodeAt, latest.size);
      if (!root.equals(latest.root)) throw new BrokenTrail("the tree is not the one that was signed last");
    }
    if (size === 0 || size === latest?.size && !keep) return size;
    const head = { size, root: await treeRoot(nodeAt, size) };
    const note = await publishTreeCheckpoint(folder, head, signer);
    if (keep || !latest) await keepTreeCheckpoint(folder, head, note);
    return size;
  });
}
