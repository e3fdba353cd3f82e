import { Buffer } from "node:buffer";
import type { Sql, TransactionSql } from "postgres";
import { hashBytes, type ReadTile, type Tile, tileWidth } from "./tiles.ts";

export function tileReader(sql: Sql | TransactionSql): ReadTile {
  return async (level, index) => {
    const [row] = await sql<{ hashes: Buffer }[]>`
      select hashes from audit_tiles where level = ${level} and index = ${index}`;
    return row?.hashes ?? Buffer.alloc(0);
  };
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
