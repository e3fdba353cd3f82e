import { createServer, type Socket } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDatabase } from "../src/postgres/database.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { migrate } from "../src/postgres/migrate.ts";

let database: PrivateDatabase;
beforeAll(async () => void (database = await createPrivateDatabase()));
afterAll(() => database.drop());

/** Passes on to PostgreSQL whatever comes to an address that the server itself does not listen on. */
async function passOn(listen: { host: string; port: number } | { path: string }) {
  const target = new URL(database.url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(listen, resolve));
  return {
    address: server.address() as { port: number },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const withHost = (host: string, search = "") => database.url.replace(/@[^/]*/, `@${host}`) + search;

async function nameOf(url: string): Promise<string> {
  const sql = connectDatabase(url, { max: 2 });
  try {
    const [row] = await sql<{ name: string }[]>`SELECT current_database() AS name`;
    return row!.name;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const name = () => new URL(database.url).pathname.slice(1);

test("an IPv6 literal is connected to", async () => {
  const server = await passOn({ host: "::1", port: 0 });
  expect(await nameOf(withHost(`[::1]:${server.address.port}`))).toBe(name());
  server.close();
});

test("the folder of a socket is connected to, as the host and as an option", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pg-"));
  const server = await passOn({ path: join(folder, ".s.PGSQL.5432") });
  expect(await nameOf(withHost(encodeURIComponent(folder)))).toBe(name());
  expect(await nameOf(withHost("", `?host=${encodeURIComponent(folder)}`))).toBe(name());
  server.close();
  rmSync(folder, { recursive: true });
});

test("of several servers one that answers is taken, whatever its place", async () => {
  const { host } = new URL(database.url);
  for (const hosts of [`127.0.0.1:1,${host}`, `${host},127.0.0.1:1`, `[::1]:1,127.0.0.1:1,${host}`]) {
    expect(await nameOf(withHost(hosts))).toBe(name());
  }
  await expect(nameOf(withHost("127.0.0.1:1,127.0.0.1:2"))).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a role that may create no tables is told which right it lacks; a schema of its own is enough", async () => {
  const role = `poor_${Math.random().toString(36).slice(2, 10)}`;
  const { sql } = database;
  const fresh = `fresh_${Math.random().toString(36).slice(2, 10)}`;
  await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  await sql.unsafe(`CREATE DATABASE ${fresh}`);
  const url = new URL(database.url);
  url.pathname = `/${fresh}`;
  const owner = connectDatabase(url.href, { max: 1 });
  await owner.unsafe(`CREATE EXTENSION btree_gist`);
  await owner.unsafe(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
  url.username = role;
  url.password = "secret";
  const poor = connectDatabase(url.href, { max: 1 });
  await expect(migrate(poor)).rejects.toThrow(`GRANT CREATE ON SCHEMA public TO ${role}`);
  await expect(migrate(poor, "clinic")).rejects.toThrow(`CREATE SCHEMA clinic AUTHORIZATION ${role}`);
  await poor.end();

  await owner.unsafe(`GRANT ${role} TO current_user`);
  await owner.unsafe(`CREATE SCHEMA clinic AUTHORIZATION ${role}`);
  const own = connectDatabase(url.href, { max: 1, schema: "clinic" });
  expect(await migrate(own, "clinic")).not.toEqual([]);
  expect(await migrate(own, "clinic")).toEqual([]);
  await expect(migrate(own, "public")).rejects.toThrow("set DATABASE_SCHEMA=clinic");
  await own.end();
  await owner.end();
  await sql.unsafe(`DROP DATABASE ${fresh} WITH (FORCE)`);
  await sql.unsafe(`DROP ROLE ${role}`);
});
