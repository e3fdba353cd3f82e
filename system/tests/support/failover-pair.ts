import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import postgres from "postgres";
import { localFiles } from "../../local-files.ts";
import { freePort } from "../../stack/free-port.ts";
import { livingHolder } from "../../stack/pid-file.ts";
import { startPostgres } from "../../stack/postgres.ts";
import { startPostgresStandby } from "../../stack/postgres-standby.ts";
import type { Releases } from "../../stack/releases.ts";

export interface FailoverPair {
  databases: { producer: string; consumer: string };
  /** As a power cut does: with SIGKILL, and with it every process of the server. */
  killPrimary(): void;
  promote(): Promise<void>;
}

/** A primary that commits only what its standby has as well, and the addresses that name both. */
export async function startFailoverPair(releases: Releases): Promise<FailoverPair> {
  mkdirSync(localFiles.runs, { recursive: true });
  const folder = mkdtempSync(join(localFiles.runs, "failover-"));
  releases.add("the folder", () => rmSync(folder, { recursive: true, force: true }));
  const common = { password: "secret", durable: true };
  const primaryFolder = join(folder, "primary");
  const primary = await startPostgres({
    ...common,
    folder: primaryFolder,
    port: await freePort(),
    // Nothing waits for a standby that isn't there yet: `local` until it follows.
    settings: { synchronous_standby_names: "standby", synchronous_commit: "local" },
  });
  releases.add("the primary", primary.stop);
  const standby = await startPostgresStandby({
    ...common,
    folder: join(folder, "standby"),
    port: await freePort(),
    primary: { adminUrl: primary.adminUrl, folder: primaryFolder },
  });
  releases.add("the standby", standby.stop);

  const names = { producer: "producer_failover", consumer: "consumer_failover" };
  for (const name of Object.values(names)) {
    await run(primary.adminUrl, `CREATE DATABASE ${name}`);
    await run(primary.adminUrl, `ALTER DATABASE ${name} SET synchronous_commit = remote_apply`);
  }
  const hosts = [primary, standby].map(({ adminUrl }) => new URL(adminUrl).host).join();
  const both = (name: string) =>
    `postgres://postgres:${common.password}@${hosts}/${name}?target_session_attrs=read-write`;
  return {
    databases: { producer: both(names.producer), consumer: both(names.consumer) },
    killPrimary() {
      const pid = livingHolder(join(primaryFolder, "postgres.pid"));
      if (pid === undefined) throw new Error("the primary does not run");
      process.kill(-pid, "SIGKILL");
    },
    promote: () => run(standby.adminUrl, "SELECT pg_promote()"),
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
