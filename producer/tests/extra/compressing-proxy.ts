import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../eventually.ts";

const program = "/usr/sbin/nginx";

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** nginx (Debian's package nginx-light) as many have it in front of an API: it compresses JSON and keeps connections. */
export async function startCompressingProxy(origin: string): Promise<{ url: string; stop(): Promise<void> }> {
  if (spawnSync(program, ["-v"]).error) throw new Error("These tests need nginx: apt-get install nginx-light");
  const folder = await mkdtemp(join(tmpdir(), "nginx-"));
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
    `${kind}_temp_path ${folder}/${kind};`
  );
  await writeFile(
    join(folder, "nginx.conf"),
    `daemon off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${temporary.join("\n  ")}
  gzip on;
  gzip_proxied any;
  gzip_min_length 1;
  gzip_types application/json application/problem+json;
  upstream api { server ${new URL(origin).host}; keepalive 4; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
  );
  const server = spawn(program, ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")], {
    stdio: "ignore",
  });
  const stopped = once(server, "exit");
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => void await (await fetch(url)).arrayBuffer(), 30_000);
  return {
    url,
    async stop() {
      server.kill();
      await stopped;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
