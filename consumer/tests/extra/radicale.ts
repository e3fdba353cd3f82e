import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Radicale {
  /** The user's own collection; calendars go below it. */
  url: string;
  username: string;
  password: string;
  stop(): Promise<void>;
}

/** Radicale (Debian's package of that name) on a free port, with one user and an empty folder. */
export async function startRadicale(): Promise<Radicale> {
  if (spawnSync("radicale", ["--version"]).error) {
    throw new Error("These tests need radicale: apt-get install radicale");
  }
  const folder = await mkdtemp(join(tmpdir(), "radicale-"));
  const [username, password] = ["clinic", "secret"];
  await writeFile(join(folder, "users"), `${username}:${password}\n`);
  const port = await freePort();
  const config = [
    `[server]\nhosts = 127.0.0.1:${port}`,
    `[auth]\ntype = htpasswd\nhtpasswd_filename = ${join(folder, "users")}\nhtpasswd_encryption = plain`,
    `[storage]\nfilesystem_folder = ${join(folder, "collections")}`,
  ].join("\n");
  await writeFile(join(folder, "config"), `${config}\n`);

  const server = spawn("radicale", ["--config", join(folder, "config")], { stdio: "ignore" });
  const stopped = once(server, "exit");
  async function stop(): Promise<void> {
    server.kill();
    await stopped;
    await rm(folder, { recursive: true, force: true });
  }

  const url = `http://127.0.0.1:${port}/${username}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (server.exitCode !== null) break;
    if (await fetch(url).then((response) => response.arrayBuffer(), () => undefined)) {
      return { url, username, password, stop };
    }
    await sleep(100);
  }
  await stop();
  throw new Error("radicale did not answer within 10 seconds");
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
