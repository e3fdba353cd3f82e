import { Buffer } from "node:buffer";
import { hash as digest } from "node:crypto";

/** The hash of a complete subtree of 2^level leaves: the index-th of its level, from the left. */
export type NodeAt = (level: number, index: number) => Buffer | Promise<Buffer>;

/** RFC 6962 2.1: the hash of an entry. */
export function leafHash(entry: string | Uint8Array): Buffer {
  return digest("sha256", typeof entry === "string" ? `\0${entry}` : Buffer.concat([Buffer.of(0), entry]), "buffer");
}

/** What is hashed of two subtrees; one after the other is written there, since there are as many as rows. */
const node = Buffer.of(1, ...Array.from({ length: 64 }, () => 0));

/** RFC 6962 2.1: the hash of two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 33);
  return digest("sha256", node, "buffer");
}

/** RFC 6962 2.1: the root of a tree without leaves. */
export const emptyRoot: Buffer = digest("sha256", "", "buffer");

/** RFC 6962 2.1: the root of a tree of so many leaves. */
export async function treeRoot(nodeAt: NodeAt, size: number): Promise<Buffer> {
  if (size === 0) return emptyRoot;
  return await rangeHash(nodeAt, 0, size);
}

/** RFC 6962 2.1.1: the path from the leaf at `index`, counted from 0, to the root of the tree of that size. */
export async function inclusionProof(nodeAt: NodeAt, index: number, size: number): Promise<Buffer[]> {
  const path: Promise<Buffer>[] = [];
  for (let [from, to] = [0, size]; to - from > 1;) {
    const middle = from + split(to - from);
    if (index < middle) {
      path.unshift(rangeHash(nodeAt, middle, to));
      to = middle;
    } else {
      path.unshift(rangeHash(nodeAt, from, middle));
      from = middle;
    }
  }
  return await Promise.all(path);
}

/** RFC 6962 2.1.2: that the tree of `oldSize` is the beginning of that of `size`; empty where one of them is empty. */
export async function consistencyProof(nodeAt: NodeAt, oldSize: number, size: number): Promise<Buffer[]> {
  if (oldSize === 0) return [];
  const path: Promise<Buffer>[] = [];
  let [from, to, isOldRoot] = [0, size, true];
  while (to !== oldSize) {
    const middle = from + split(to - from);
    if (oldSize <= middle) {
      path.unshift(rangeHash(nodeAt, middle, to));
      to = middle;
    } else {
      path.unshift(rangeHash(nodeAt, from, middle));
      [from, isOldRoot] = [middle, false];
    }
  }
  if (!isOldRoot) path.unshift(rangeHash(nodeAt, from, to));
  return await Promise.all(path);
}

/** RFC 9162 2.1.3.2: the root to which the path leads from the leaf; undefined where it is none of such a tree. */
export function rootOfInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Buffer | undefined {
  if (index >= size) return undefined;
  let [node, last] = [index, size - 1];
  let hash: Buffer = Buffer.from(leaf);
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 ? hash : undefined;
}

export interface TreeHead {
  size: number;
  root: Buffer;
}

/** RFC 9162 2.1.4.2: whether the path proves that the old tree is the beginning of the new one. */
export function isConsistent(old: TreeHead, tree: TreeHead, path: readonly Buffer[]): boolean {
  if (old.size === 0) return path.length === 0;
  if (old.size === tree.size) return path.length === 0 && old.root.equals(tree.root);
  if (old.size > tree.size || path.length === 0) return false;
  const hashes = isPowerOfTwo(old.size) ? [old.root, ...path] : [...path];
  let [node, last] = [old.size - 1, tree.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [oldRoot, root] = [hashes[0]!, hashes[0]!];
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [oldRoot, root] = [nodeHash(sibling, oldRoot), nodeHash(sibling, root)];
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      root = nodeHash(root, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && oldRoot.equals(old.root) && root.equals(tree.root);
}

/** The root of a range of leaves that begins where a subtree of at least its size does. */
async function rangeHash(nodeAt: NodeAt, from: number, to: number): Promise<Buffer> {
  const size = to - from;
  if (isPowerOfTwo(size)) return await nodeAt(Math.log2(size), from / size);
  const middle = from + split(size);
  return nodeHash(await rangeHash(nodeAt, from, middle), await rangeHash(nodeAt, middle, to));
}

/** The largest power of two below it. No bit operators: they end at 2^31. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size));
}

function half(value: number): number {
  return Math.floor(value / 2);
}
