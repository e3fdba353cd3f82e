import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./radicale.ts";

const program = "/usr/sbin/nginx";

/** nginx (Debian's package nginx-light) that compresses every answer of `origin` for clients that accept it. */
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
  gzip_types *;
  server {
    listen 127.0.0.1:${port};
    # Radicale would compress by itself, and leave its ETag strong.
    location / { proxy_pass ${origin}; proxy_set_header Accept-Encoding ""; }
  }
}
`,
  );
  const server = spawn(program, ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")], {
    stdio: "ignore",
  });
  const stopped = once(server, "exit");
  async function stop(): Promise<void> {
    server.kill();
    await stopped;
    await rm(folder, { recursive: true, force: true });
  }

  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 300 && server.exitCode === null; attempt += 1) {
    if (await fetch(url).then((response) => response.arrayBuffer(), () => undefined)) return { url, stop };
    await sleep(100);
  }
  await stop();
  throw new Error("nginx did not answer within 30 seconds");
}
