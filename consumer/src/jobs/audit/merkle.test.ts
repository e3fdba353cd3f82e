import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { createGrowingTree } from "./growing-tree.ts";
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  leafHash,
  nodeHash,
  rootOfInclusion,
  treeRoot,
} from "./merkle.ts";
import { grownTiles, nodesOfTiles, type ReadTile } from "./tiles.ts";

/** The entries, roots and proofs of the reference tests of RFC 6962's authors (certificate-transparency, merkletree). */
const entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const leaves = entries.map((entry) => leafHash(Buffer.from(entry, "hex")));

/** By the definition, without anything stored. */
function rootOf(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 1) return hashes[0]!;
  const split = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

/** A tree in tiles that grew by batches of that length. */
async function grown(hashes: readonly Buffer[], batch: number): Promise<ReadTile> {
  const stored = new Map<string, Buffer>();
  const readTile: ReadTile = (level, index) => Promise.resolve(stored.get(`${level}/${index}`) ?? Buffer.alloc(0));
  for (let size = 0; size < hashes.length; size += batch) {
    for (const tile of await grownTiles(readTile, size, hashes.slice(size, size + batch))) {
      stored.set(`${tile.level}/${tile.index}`, tile.hashes);
    }
  }
  return readTile;
}

test("the roots are those of RFC 6962's reference tests", async () => {
  const nodeAt = nodesOfTiles(await grown(leaves, 3));
  const tree = createGrowingTree();
  for (const [index, root] of roots.entries()) {
    tree.add(leaves[index]!);
    expect((await treeRoot(nodeAt, index + 1)).toString("hex")).toBe(root);
    expect(tree.root().toString("hex")).toBe(root);
  }
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  expect((await treeRoot(nodeAt, 0)).toString("hex")).toBe(empty);
  expect(createGrowingTree().root().toString("hex")).toBe(empty);
});

test("the proofs are those of RFC 6962's reference tests", async () => {
  const nodeAt = nodesOfTiles(await grown(leaves, 8));
  const hex = (path: Buffer[]) => path.map((hash) => hash.toString("hex"));
  expect(hex(await inclusionProof(nodeAt, 0, 8))).toEqual([
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
  ]);
  expect(hex(await inclusionProof(nodeAt, 5, 8))).toEqual([
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  ]);
  expect(hex(await consistencyProof(nodeAt, 6, 8))).toEqual([
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  ]);
});

const many = Array.from({ length: 65_537 }, (_, index) => leafHash(`row ${index}`));

test.each([1, 2, 3, 255, 256, 257, 65_537])(
  "a tree of %i rows has the root of the definition, and every proof leads to it",
  async (size) => {
    const nodeAt = nodesOfTiles(await grown(many.slice(0, size), 997));
    const root = rootOf(many.slice(0, size));
    expect(await treeRoot(nodeAt, size)).toEqual(root);
    const places = [0, 1, 254, 255, 256, 65_535, Math.floor(size / 2), size - 2, size - 1];
    for (const place of new Set(places.filter((one) => one >= 0 && one < size))) {
      const path = await inclusionProof(nodeAt, place, size);
      expect(rootOfInclusion(many[place]!, place, size, path)).toEqual(root);
      expect(rootOfInclusion(leafHash("another"), place, size, path)).not.toEqual(root);
      if (size > 1) expect(rootOfInclusion(many[place]!, (place + 1) % size, size, path)).not.toEqual(root);
      const old = { size: place + 1, root: rootOf(many.slice(0, place + 1)) };
      const proof = await consistencyProof(nodeAt, old.size, size);
      expect(isConsistent(old, { size, root }, proof)).toBe(true);
      expect(isConsistent({ ...old, root: leafHash("another") }, { size, root }, proof)).toBe(false);
      expect(isConsistent(old, { size, root: leafHash("another") }, proof)).toBe(false);
    }
  },
  30_000,
);

test("a path that is too long, too short or of no such row leads nowhere", async () => {
  const nodeAt = nodesOfTiles(await grown(leaves, 8));
  const path = await inclusionProof(nodeAt, 3, 8);
  expect(rootOfInclusion(leaves[3]!, 3, 8, path.slice(1))).toBeUndefined();
  expect(rootOfInclusion(leaves[3]!, 3, 8, [...path, path[0]!])).toBeUndefined();
  expect(rootOfInclusion(leaves[3]!, 8, 8, path)).toBeUndefined();
  const proof = await consistencyProof(nodeAt, 3, 8);
  const [old, tree] = [{ size: 3, root: rootOf(leaves.slice(0, 3)) }, { size: 8, root: rootOf(leaves) }];
  expect(isConsistent(old, tree, proof.slice(1))).toBe(false);
  expect(isConsistent(old, tree, [...proof, proof[0]!])).toBe(false);
  expect(isConsistent(tree, old, proof)).toBe(false);
  expect(isConsistent(old, old, [])).toBe(true);
});

test("a tile that lost hashes is named", async () => {
  const nodeAt = nodesOfTiles(() => Promise.resolve(Buffer.alloc(64)));
  await expect(treeRoot(nodeAt, 8)).rejects.toThrow("the tree's tile 0/0 has not the hashes that it should have");
});
