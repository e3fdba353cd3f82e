import { Buffer } from "node:buffer";
import { type NodeAt, nodeHash } from "./merkle.ts";

/** How many hashes a full tile has: 2^8, as in C2SP tlog-tiles. */
export const tileWidth = 256;
const tileHeight = 8;
export const hashBytes = 32;

export interface Tile {
  level: number;
  index: number;
  /** One hash after the other. */
  hashes: Buffer;
}

/** The tile's hashes as far as they are there; empty where there is none. */
export type ReadTile = (level: number, index: number) => Promise<Buffer>;

/** Reads a subtree's hash from the tile that has it, or computes it of those that are in one; each tile is read once. */
export function nodesOfTiles(readTile: ReadTile): NodeAt {
  const read = new Map<string, Promise<Buffer>>();
  return async (level, index) => {
    const tileLevel = Math.floor(level / tileHeight);
    const count = 2 ** (level % tileHeight);
    const first = index * count;
    const tileIndex = Math.floor(first / tileWidth);
    const key = `${tileLevel}/${tileIndex}`;
    if (!read.has(key)) read.set(key, readTile(tileLevel, tileIndex));
    const hashes = await read.get(key)!;
    const from = (first % tileWidth) * hashBytes;
    if (hashes.length < from + count * hashBytes) {
      throw new Error(`the tree's tile ${key} has not the hashes that it should have`);
    }
    return subtreeRoot(hashes.subarray(from, from + count * hashBytes));
  };
}

/** The root of a complete subtree over these hashes, which are a power of two. */
export function subtreeRoot(hashes: Buffer): Buffer {
  if (hashes.length === hashBytes) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(subtreeRoot(hashes.subarray(0, middle)), subtreeRoot(hashes.subarray(middle)));
}

/** The tiles that change when leaves are added to a tree of that size. */
export async function grownTiles(readTile: ReadTile, size: number, leaves: readonly Buffer[]): Promise<Tile[]> {
  const changed: Tile[] = [];
  let [count, added] = [size, leaves];
  for (let level = 0; added.length > 0; level += 1) {
    const index = Math.floor(count / tileWidth);
    const partial = count % tileWidth === 0 ? Buffer.alloc(0) : await readTile(level, index);
    if (partial.length !== (count % tileWidth) * hashBytes) {
      throw new Error(`the tree's tile ${level}/${index} has not the hashes that it should have`);
    }
    const tiles = cut(Buffer.concat([partial, ...added])).map((hashes, place) => ({
      level,
      index: index + place,
      hashes,
    }));
    changed.push(...tiles);
    count = index;
    added = tiles.map(({ hashes }) => hashes).filter(({ length }) => length === tileWidth * hashBytes).map(subtreeRoot);
  }
  return changed;
}

function cut(hashes: Buffer): Buffer[] {
  const bytes = tileWidth * hashBytes;
  return Array.from(
    { length: Math.ceil(hashes.length / bytes) },
    (_, place) => hashes.subarray(place * bytes, (place + 1) * bytes),
  );
}
