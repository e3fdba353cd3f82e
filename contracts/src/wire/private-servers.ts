import { randomBytes } from "node:crypto";
import postgres from "postgres";
import type { Servers } from "../servers.ts";
import { createManagement, type Manage } from "./management.ts";

export interface PrivateServers {
  databaseUrl: string;
  /** Of patients' keys; empty. */
  keysUrl: string;
  amqpUrl: string;
  manage: Manage;
  drop(): Promise<void>;
}

/** Databases and a virtual host that nothing else uses. */
export async function createPrivateServers(servers: Servers, purpose: string): Promise<PrivateServers> {
  const name = `${purpose}_${randomBytes(6).toString("hex")}`;
  const sql = postgres(servers.TEST_DATABASE_URL, { max: 1, onnotice: () => {} });
  const names = { database: name, keys: `${name}_keys` };
  await sql`create database ${sql(names.database)}`;
  await sql`create database ${sql(names.keys)}`;
  const manage = createManagement(servers.TEST_RABBITMQ_MANAGEMENT_URL, name);
  const amqp = new URL(servers.TEST_AMQP_URL);
  const user = decodeURIComponent(amqp.username) || "guest";
  await manage("PUT", "/api/vhosts/{vhost}");
  await manage("PUT", `/api/permissions/{vhost}/${user}`, { configure: ".*", write: ".*", read: ".*" });

  const urlOf = (database: string) =>
    Object.assign(new URL(servers.TEST_DATABASE_URL), { pathname: `/${database}` }).href;
  amqp.pathname = `/${name}`;
  return {
    databaseUrl: urlOf(names.database),
    keysUrl: urlOf(names.keys),
    amqpUrl: amqp.href,
    manage,
    async drop() {
      await manage("DELETE", "/api/vhosts/{vhost}");
      for (const one of Object.values(names)) await sql`drop database ${sql(one)} with (force)`;
      await sql.end();
    },
  };
}
