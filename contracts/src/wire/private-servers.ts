import { randomBytes } from "node:crypto";
import postgres from "postgres";
import type { Servers } from "../servers.ts";

export interface PrivateServers {
  databaseUrl: string;
  /** Of patients' keys; empty. */
  keysUrl: string;
  amqpUrl: string;
  /** A request to the broker's management API, in whose path `{vhost}` is the virtual host; answers with JSON. */
  manage(method: string, path: string, body?: unknown): Promise<unknown>;
  drop(): Promise<void>;
}

/** Databases and a virtual host that nothing else uses. */
export async function createPrivateServers(servers: Servers, purpose: string): Promise<PrivateServers> {
  const name = `${purpose}_${randomBytes(6).toString("hex")}`;
  const sql = postgres(servers.TEST_DATABASE_URL, { max: 1, onnotice: () => {} });
  const names = { database: name, keys: `${name}_keys` };
  await sql`create database ${sql(names.database)}`;
  await sql`create database ${sql(names.keys)}`;
  const broker = management(servers.TEST_RABBITMQ_MANAGEMENT_URL);
  const amqp = new URL(servers.TEST_AMQP_URL);
  const user = decodeURIComponent(amqp.username) || "guest";
  await broker("PUT", `/api/vhosts/${name}`);
  await broker("PUT", `/api/permissions/${name}/${user}`, { configure: ".*", write: ".*", read: ".*" });

  const urlOf = (database: string) =>
    Object.assign(new URL(servers.TEST_DATABASE_URL), { pathname: `/${database}` }).href;
  amqp.pathname = `/${name}`;
  return {
    databaseUrl: urlOf(names.database),
    keysUrl: urlOf(names.keys),
    amqpUrl: amqp.href,
    manage: (method, path, body) => broker(method, path.replace("{vhost}", name), body),
    async drop() {
      await broker("DELETE", `/api/vhosts/${name}`);
      for (const one of Object.values(names)) await sql`drop database ${sql(one)} with (force)`;
      await sql.end();
    },
  };
}

function management(address: string) {
  const { origin, username, password } = new URL(address);
  const authorization = `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`;
  return async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(path, origin), {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
}
