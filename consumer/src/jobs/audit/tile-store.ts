import { Buffer } from "node:buffer";
import type { Sql, TransactionSql } from "postgres";
import { hashBytes, type ReadTile, type Tile, tileWidth } from "./tiles.ts";

/**
 * Of the leaves that are named, counted from 0, all the tiles up to the root are read with one statement; a proof, and the
 * root of a tree, need those above its leaf and above the tree's last. Any other tile is read by itself.
 */
export function tileReader(sql: Sql | TransactionSql, leaves: readonly number[] = []): ReadTile {
  let ahead: Promise<Map<string, Buffer>> | undefined;
  return async (level, index) => {
    ahead ??= readTiles(sql, tilesAbove(leaves));
    const found = (await ahead).get(`${level}/${index}`) ??
      (await readTiles(sql, [{ level, index }])).get(`${level}/${index}`);
    return found ?? Buffer.alloc(0);
  };
}

type TilePlace = Pick<Tile, "level" | "index">;

async function readTiles(sql: Sql | TransactionSql, places: readonly TilePlace[]): Promise<Map<string, Buffer>> {
  if (places.length === 0) return new Map();
  const rows = await sql<{ level: number; index: string; hashes: Buffer }[]>`
    select level, index, hashes
    from unnest(
      ${places.map(({ level }) => level)}::smallint[], ${places.map(({ index }) => index)}::bigint[]
    ) as place (level, index) join audit_tiles using (level, index)`;
  return new Map(rows.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]));
}

function tilesAbove(leaves: readonly number[]): TilePlace[] {
  const places = new Map<string, TilePlace>();
  const size = Math.max(0, ...leaves) + 1;
  for (let level = 0; tileWidth ** level <= size; level += 1) {
    for (const leaf of leaves) {
      const index = Math.floor(leaf / tileWidth ** (level + 1));
      places.set(`${level}/${index}`, { level, index });
    }
  }
  return [...places.values()];
}

/** How many leaves the tree has. */
export async function readTreeSize(sql: Sql | TransactionSql): Promise<number> {
  const [row] = await sql<{ index: string; bytes: number }[]>`
    select index, length(hashes) as bytes from audit_tiles where level = 0 order by index desc limit 1`;
  return row ? Number(row.index) * tileWidth + row.bytes / hashBytes : 0;
}

export async function writeTiles(sql: TransactionSql, tiles: readonly Tile[]): Promise<void> {
  await sql`
    insert into audit_tiles (level, index, hashes)
    select level, index, decode(hashes, 'hex') from unnest(
      ${tiles.map(({ level }) => level)}::smallint[], ${tiles.map(({ index }) => index)}::bigint[],
      ${tiles.map(({ hashes }) => hashes.toString("hex"))}::text[]
    ) as tile (level, index, hashes)
    on conflict (level, index) do update set hashes = excluded.hashes`;
}
