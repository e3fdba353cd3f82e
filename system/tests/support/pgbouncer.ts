import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { freePort } from "../../stack/free-port.ts";
import { startServerProcess } from "../../stack/server-process.ts";
import { waitFor } from "../../stack/wait-for.ts";
import postgres from "postgres";

export interface PgbouncerOptions {
  /** A folder of its own below one that everybody may enter. */
  folder: string;
  /** Whose server and user it serves. */
  target: string;
  mode: "session" | "transaction" | "statement";
}

/** Debian's PgBouncer with nothing but its defaults and the pool mode. */
export async function startPgbouncer({ folder, target, mode }: PgbouncerOptions) {
  const { hostname, port: targetPort, username, password } = new URL(target);
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const users = join(folder, "users.txt");
  writeFileSync(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  const file = join(folder, "pgbouncer.ini");
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: users,
    pool_mode: mode,
    // For the services and for the test that looks on.
    default_pool_size: 30,
    ...(process.getuid?.() === 0 && { user: "nobody" }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(file, `[databases]\n* = host=${hostname} port=${targetPort}\n[pgbouncer]\n${lines.join("\n")}\n`);
  for (const path of [users, file]) chmodSync(path, 0o644);
  const server = await startServerProcess({ name: "pgbouncer", folder, command: ["pgbouncer", "--quiet", file] });
  const through = (url: string) => {
    const address = new URL(url);
    address.host = `127.0.0.1:${port}`;
    return address.href;
  };
  const sql = postgres(through(target), { max: 1, prepare: false, onnotice: () => {} });
  const answers = () => sql`SELECT 1`.then(() => true, (error) => /pooling/.test(error.message));
  await waitFor("PgBouncer", answers, { timeoutMs: 30_000, remedy: `look into ${folder}` });
  await sql.end({ timeout: 1 });
  return {
    /** The same database by way of the pooler. */
    through,
    stop: () => server.stop("SIGTERM"),
  };
}
