import { Buffer } from "node:buffer";
import postgres from "postgres";
import type { OpenPeer } from "./peer.ts";

const workers = 10;

/** Publishes so many rows of a table, each in a transaction of its own that locks, publishes and deletes it; returns how many a second. */
export async function drainTable(
  databaseUrl: string,
  { open, amqpUrl, body, events }: { open: OpenPeer; amqpUrl: string; body: string; events: number },
): Promise<number> {
  const sql = postgres(databaseUrl, { max: workers, onnotice: () => {} });
  const peer = await open(amqpUrl);
  try {
    await sql`CREATE TABLE IF NOT EXISTS bench_outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)`;
    await sql`INSERT INTO bench_outbox (body) SELECT ${body} FROM generate_series(1, ${events})`;
    const publishOne = () =>
      sql.begin(async (tx) => {
        const [row] = await tx<{ id: string; body: string }[]>`
          SELECT id, body FROM bench_outbox ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`;
        if (!row) return false;
        await peer.publish(Buffer.from(row.body));
        await tx`DELETE FROM bench_outbox WHERE id = ${row.id}`;
        return true;
      });
    const started = performance.now();
    await Promise.all(Array.from({ length: workers }, async () => {
      while (await publishOne());
    }));
    return events / ((performance.now() - started) / 1_000);
  } finally {
    await peer.close();
    await sql.end();
  }
}
