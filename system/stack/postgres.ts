import { execFile } from "node:child_process";
import { chownSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import type { CertificateFiles } from "./local-certificates.ts";
import {
  findPostgresBinaries,
  findUnprivileged,
  type PostgresBinaries,
  type Unprivileged,
} from "./postgres-binaries.ts";
import { type ServerProcess, startServerProcess, stopOrphan } from "./server-process.ts";
import { StackError } from "./stack-error.ts";
import { waitFor } from "./wait-for.ts";

export interface PostgresOptions {
  folder: string;
  port: number;
  /** Of the superuser `postgres`. */
  password: string;
  /** Survives a power cut; servers for tests do without. */
  durable: boolean;
  /** Instead of what the server would take by itself, or more. */
  settings?: Record<string, string>;
  /** It serves in TLS whoever asks for it. */
  certificates?: CertificateFiles | undefined;
  signal?: AbortSignal | undefined;
}

export interface PostgresServer {
  adminUrl: string;
  died: Promise<never>;
  stop(): Promise<void>;
}

/** Starts the PostgreSQL that npm installed, on data of its own. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  return await runPostgres(options, async ({ data, binaries, prefix, owner }) => {
    const passwordFile = join(options.folder, "password");
    writeFileSync(passwordFile, options.password, { mode: 0o600 });
    if (owner !== undefined) {
      [data, passwordFile].forEach((path) => chownSync(path, owner, owner));
    }
    const [file, ...args] = [
      ...prefix,
      binaries.initdb,
      `--pgdata=${data}`,
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ];
    try {
      await promisify(execFile)(file!, args);
    } catch (cause) {
      const reason = (cause as { stderr?: string }).stderr?.trim().split("\n")
        .at(-1);
      throw new StackError(
        `PostgreSQL could not create its files in ${data}: ${reason}`,
        { cause },
      );
    } finally {
      rmSync(passwordFile);
    }
  });
}

export interface PostgresData extends Unprivileged {
  /** An empty folder. */
  data: string;
  binaries: PostgresBinaries;
}

/** Starts the server on the data of its folder, which are made first where there are none yet. */
export async function runPostgres(
  options: PostgresOptions,
  createData: (place: PostgresData) => Promise<void>,
): Promise<PostgresServer> {
  const binaries = await findPostgresBinaries();
  const data = join(options.folder, "data");
  mkdirSync(options.folder, { recursive: true });
  const { prefix, owner } = findUnprivileged(binaries, options.folder);
  await stopOrphan(join(options.folder, "postgres.pid"));
  const complete = join(data, "initialized");
  if (!existsSync(complete)) {
    rmSync(data, { recursive: true, force: true });
    mkdirSync(data, { mode: 0o700 });
    await createData({ data, binaries, prefix, owner });
    writeFileSync(complete, "");
  }
  if (options.certificates) placeCertificate(options.certificates, data, owner);

  const server = await startServerProcess({
    name: "postgres",
    folder: options.folder,
    command: [...prefix, binaries.postgres, "-D", data, "-p", String(options.port), ...settings(options)],
  });
  const adminUrl = `postgres://postgres:${options.password}@127.0.0.1:${options.port}/postgres`;
  try {
    await Promise.race([server.died, waitUntilReady(adminUrl, join(options.folder, "postgres.log"), options.signal)]);
  } catch (error) {
    await stop(server);
    throw error;
  }
  return { adminUrl, died: server.died, stop: () => stop(server) };
}

/** Where and as the server looks for them: in its data, readable by its own user alone. */
function placeCertificate({ cert, key }: CertificateFiles, data: string, owner: number | undefined): void {
  for (const [source, name] of [[cert, "server.crt"], [key, "server.key"]] as const) {
    const placed = join(data, name);
    rmSync(placed, { force: true });
    copyFileSync(source, placed);
    if (owner !== undefined) chownSync(placed, owner, owner);
  }
}

function settings({ durable, certificates, settings: own }: PostgresOptions): string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    // Without autovacuum: a worker of its in a database keeps a role that is no superuser from dropping that database.
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" }),
    ...(certificates && { ssl: "on" }),
    ...own,
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

async function waitUntilReady(adminUrl: string, log: string, signal?: AbortSignal) {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await waitFor("PostgreSQL to accept connections", () => sql`SELECT 1`, {
      timeoutMs: 30_000,
      remedy: `look at ${log}`,
      signal,
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** SIGINT is PostgreSQL's fast shutdown: it ends the sessions and keeps the data clean. */
function stop(server: ServerProcess): Promise<void> {
  return server.stop("SIGINT");
}
