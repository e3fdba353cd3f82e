import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { TransactionSql } from "postgres";
import { subtreeRoot, tileWidth } from "./tiles.ts";

export interface TileCheck {
  add(leaf: Buffer): void;
  /** What is wrong with the stored tiles, of which the leaves that were added have to follow; undefined where nothing is. */
  fault(transaction: TransactionSql): Promise<string | undefined>;
}

/** Computes the tiles anew while rows are read, and keeps a digest of each: a million rows have 32 MB of tiles. */
export function createTileCheck(): TileCheck {
  const digests = new Map<string, string>();
  const levels: { index: number; hashes: Buffer[] }[] = [];

  function add(level: number, hash: Buffer): void {
    const tile = levels[level] ??= { index: 0, hashes: [] };
    tile.hashes.push(hash);
    if (tile.hashes.length < tileWidth) return;
    const hashes = Buffer.concat(tile.hashes);
    digests.set(`${level}/${tile.index}`, digestOf(hashes));
    levels[level] = { index: tile.index + 1, hashes: [] };
    add(level + 1, subtreeRoot(hashes));
  }

  function takePartial(): void {
    levels.forEach(({ index, hashes }, level) => {
      if (hashes.length > 0) digests.set(`${level}/${index}`, digestOf(Buffer.concat(hashes)));
    });
  }

  return {
    add: (leaf) => add(0, leaf),
    async fault(transaction) {
      takePartial();
      const tiles = transaction<{ level: number; index: string; hashes: Buffer }[]>`
        select level, index, hashes from audit_tiles order by level, index`;
      let count = 0;
      for await (const batch of tiles.cursor(100)) {
        for (const { level, index, hashes } of batch) {
          count += 1;
          if (digests.get(`${level}/${index}`) !== digestOf(hashes)) {
            return `the tree's tile ${level}/${index} does not follow from the rows`;
          }
        }
      }
      return count < digests.size ? `${digests.size - count} of the tree's tiles are gone` : undefined;
    },
  };
}

function digestOf(hashes: Buffer): string {
  return createHash("sha256").update(hashes).digest("base64");
}
