import { chownSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import postgres from "postgres";
import { type PostgresData, type PostgresOptions, type PostgresServer, runPostgres } from "./postgres.ts";

export interface StandbyOptions extends PostgresOptions {
  primary: { adminUrl: string; folder: string };
}

const slot = "standby";

/**
 * Starts a hot standby on this machine: copies a running primary's files once, then follows it.
 * The low-level base backup, since the binaries from npm have no pg_basebackup:
 * https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export async function startPostgresStandby(options: StandbyOptions): Promise<PostgresServer> {
  const { primary } = options;
  const { hostname, port, username, password } = new URL(primary.adminUrl);
  const settings = {
    ...options.settings,
    primary_slot_name: slot,
    primary_conninfo: `host=${hostname} port=${port} user=${username} password=${password} application_name=${slot}` +
      (options.certificates ? ` sslmode=verify-ca sslrootcert='${options.certificates.ca}'` : ""),
  };
  return await runPostgres({ ...options, settings }, (place) => copyPrimary(primary, place));
}

/** These belong to the running primary; the write-ahead log comes over the connection. */
const notCopied = /^(postmaster\.(pid|opts)|initialized|(pg_wal|pg_replslot)\/.*)$/;

async function copyPrimary(primary: StandbyOptions["primary"], { data, owner }: PostgresData): Promise<void> {
  // One connection: the backup ends with the session that began it.
  const sql = postgres(primary.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ${slot}`;
    await sql`SELECT pg_create_physical_replication_slot(${slot}, true)`;
    await sql`SELECT pg_backup_start(${slot}, true)`;
    copyFiles(join(primary.folder, "data"), data);
    const [backup] = await sql`SELECT labelfile FROM pg_backup_stop(false)`;
    writeFileSync(join(data, "backup_label"), backup!.labelfile);
    writeFileSync(join(data, "standby.signal"), "");
  } finally {
    await sql.end({ timeout: 1 });
  }
  if (owner === undefined) return;
  for (
    const path of [
      data,
      ...readdirSync(data, { recursive: true, encoding: "utf8" }).map((name) => join(data, name)),
    ]
  ) {
    chownSync(path, owner, owner);
  }
}

/** A file that ends meanwhile is made again from the write-ahead log. */
function copyFiles(source: string, target: string): void {
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    const path = relative(source, join(entry.parentPath, entry.name));
    if (notCopied.test(path)) continue;
    if (entry.isDirectory()) mkdirSync(join(target, path), { recursive: true, mode: 0o700 });
    if (!entry.isFile()) continue;
    try {
      mkdirSync(dirname(join(target, path)), { recursive: true, mode: 0o700 });
      copyFileSync(join(source, path), join(target, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}
