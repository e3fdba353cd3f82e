import { Buffer } from "node:buffer";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import type { Peer } from "./peer.ts";

const workers = 10;

/** Publishes so many jobs of graphile-worker, which stand for the rows of an outbox; returns how many a second. */
export async function drainJobs(databaseUrl: string, peer: Peer, body: string, events: number): Promise<number> {
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger });
  await utils.migrate();
  await utils.withPgClient((client) =>
    client.query(
      "SELECT graphile_worker.add_job('publish', json_build_object('body', $1::text)) FROM generate_series(1, $2)",
      [body, events],
    )
  );
  await utils.release();
  let published = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  const started = performance.now();
  const runner = await run({
    connectionString: databaseUrl,
    concurrency: workers,
    maxPoolSize: workers + 1,
    noHandleSignals: true,
    logger,
    taskList: {
      async publish(payload) {
        await peer.publish(Buffer.from((payload as { body: string }).body));
        if (++published === events) finish();
      },
    },
  });
  await finished;
  const seconds = (performance.now() - started) / 1_000;
  await runner.stop();
  return events / seconds;
}
