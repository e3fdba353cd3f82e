import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "../../stack/free-port.ts";
import { type PostgresServer, startPostgres } from "../../stack/postgres.ts";
import type { Releases } from "../../stack/releases.ts";
import { waitFor } from "../../stack/wait-for.ts";
import type { SmallDisk } from "../../rehearsals/small-disk.ts";

/** What lies on the small disk: the tables (ENOSPC is an error, 53100), or the write-ahead log (it ends the server). */
export type OnSmallDisk = "tables" | "log";

export interface PostgresOnSmallDisk {
  adminUrl: string;
  /** Makes a database of the test's own, on the small disk where that is for tables. */
  createDatabase(name: string): Promise<string>;
  /** Without room for its log it can't even recover. */
  hasEnded(): Promise<void>;
  /** As its supervisor does: starts it again, if it has ended. */
  restartIfEnded(): Promise<void>;
}

export async function startPostgresOnSmallDisk(
  { folder, disk, what, releases }: { folder: string; disk: SmallDisk; what: OnSmallDisk; releases: Releases },
): Promise<PostgresOnSmallDisk> {
  const options = {
    folder,
    port: await freePort(),
    password: "secret",
    durable: true,
    // Small, so that a small disk holds it.
    settings: { min_wal_size: "32MB", max_wal_size: "48MB" },
  };
  let ended = false;
  let server = await start();
  releases.add("PostgreSQL on the small disk", () => server.stop());
  const data = join(folder, "data");
  const { uid, gid } = statSync(data);
  const tables = join(disk.folder, "tables");
  if (what === "tables") {
    mkdirSync(tables);
    chownSync(tables, uid, gid);
    await run(server.adminUrl, `CREATE TABLESPACE small LOCATION '${tables}'`);
  } else {
    await server.stop();
    const log = join(data, "pg_wal");
    execFileSync("cp", ["-a", log, disk.folder]);
    rmSync(log, { recursive: true });
    symlinkSync(join(disk.folder, "pg_wal"), log);
    server = await start();
  }

  async function start(): Promise<PostgresServer> {
    const started = await startPostgres(options);
    ended = false;
    started.died.catch(() => (ended = true));
    return started;
  }

  return {
    adminUrl: server.adminUrl,
    async createDatabase(name) {
      await run(server.adminUrl, `CREATE DATABASE ${name}${what === "tables" ? " TABLESPACE small" : ""}`);
      const url = new URL(server.adminUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    async hasEnded() {
      await waitFor("PostgreSQL to end", () => ended, { timeoutMs: 60_000 });
    },
    async restartIfEnded() {
      if (ended) server = await start();
    },
  };
}

async function run(adminUrl: string, statement: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
