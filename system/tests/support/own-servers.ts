import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "../../stack/free-port.ts";
import { startPostgres } from "../../stack/postgres.ts";
import { callManagement } from "../../stack/rabbitmq-management.ts";
import type { Releases } from "../../stack/releases.ts";
import { startOwnBroker } from "./own-broker.ts";
import { createPrivateDatabases } from "./private-databases.ts";
import { waitFor } from "../../stack/wait-for.ts";

/** How old the numbers of the management may be: they are sent every five seconds. */
const statisticsMs = 6_000;

/** PostgreSQL and RabbitMQ whose files only the test writes. */
export async function startOwnServers(releases: Releases) {
  const folder = mkdtempSync(join(tmpdir(), "own-servers-"));
  releases.add("the servers' folder", () => rmSync(folder, { recursive: true, force: true }));
  const place = {
    folder: join(folder, "postgres"),
    port: await freePort(),
    password: "secret",
    durable: false,
    // A segment that is done with is removed, not kept with what is in it for later use.
    settings: { wal_recycle: "off", min_wal_size: "32MB", max_wal_size: "64MB" },
  };
  const server = await startPostgres(place);
  releases.add("PostgreSQL", () => server.stop());
  let broker = await startOwnBroker(join(folder, "broker"));
  releases.add("RabbitMQ", () => broker.stop());
  const databases = await createPrivateDatabases(releases, server.adminUrl);

  type Queue = { name: string; vhost: string; messages: number };
  const listQueues = () => callManagement(broker.managementUrl, "GET", "/api/queues") as Promise<Queue[]>;

  /** Until the services have handled what is in their queues, retry queues included. */
  async function untilDrained(timeoutMs: number): Promise<void> {
    let emptySince = Infinity;
    const areEmpty = async () => {
      const empty = (await listQueues()).every(({ messages }) => messages === 0);
      emptySince = empty ? Math.min(emptySince, performance.now()) : Infinity;
      return performance.now() - emptySince > statisticsMs;
    };
    await waitFor("the queues to be empty", areEmpty, { timeoutMs });
  }

  return {
    databases,
    adminUrl: server.adminUrl,
    get broker() {
      return broker;
    },
    folders: { postgres: place.folder, rabbitmq: join(folder, "broker") },

    /** What a nightly job of the clinic's would do; twice, since the first run's statistics are rows as well. */
    async vacuum(...more: string[]) {
      for (const url of [...Object.values(databases), ...more]) {
        const sql = postgres(url, { max: 1, onnotice: () => {} });
        for (let run = 0; run < 2; run++) await sql.unsafe("VACUUM (FULL, ANALYZE)");
        await sql.end();
      }
      const sql = postgres(server.adminUrl, { max: 1, onnotice: () => {} });
      for (let run = 0; run < 3; run++) {
        await sql`SELECT pg_switch_wal()`;
        await sql`CHECKPOINT`;
      }
      await sql.end();
    },

    untilDrained,

    /** Deletes the queues, which are empty, with their files; a restart leaves nothing in the broker's own log either. */
    async clearBroker() {
      await untilDrained(60_000);
      for (const { name, vhost } of await listQueues()) {
        await callManagement(
          broker.managementUrl,
          "DELETE",
          `/api/queues/${encodeURIComponent(vhost)}/${encodeURIComponent(name)}`,
        );
      }
      await broker.stop();
      broker = await startOwnBroker(join(folder, "broker"));
    },
  };
}
