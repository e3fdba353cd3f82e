import type { Buffer } from "node:buffer";
import { emptyRoot, nodeHash } from "./merkle.ts";

/** A Merkle tree that grows leaf by leaf and keeps of itself only what its root needs: a hash for each bit of its size. */
export interface GrowingTree {
  add(leaf: Buffer): void;
  size(): number;
  root(): Buffer;
}

export function createGrowingTree(): GrowingTree {
  /** The complete subtrees from left to right, each smaller than the one before. */
  const subtrees: { level: number; hash: Buffer }[] = [];
  let size = 0;

  return {
    add(leaf) {
      let subtree = { level: 0, hash: leaf };
      while (subtrees.at(-1)?.level === subtree.level) {
        subtree = { level: subtree.level + 1, hash: nodeHash(subtrees.pop()!.hash, subtree.hash) };
      }
      subtrees.push(subtree);
      size += 1;
    },
    size: () => size,
    root() {
      if (size === 0) return emptyRoot;
      return subtrees.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right));
    },
  };
}
