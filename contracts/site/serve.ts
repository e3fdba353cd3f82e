import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { serve as listen } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

const sources = [
  "asyncapi.yaml",
  "consumer/asyncapi.yaml",
  "consumer/src",
  "producer/src",
  "contracts/deployments",
  "contracts/pacts",
  "contracts/releases",
  "contracts/site",
  "contracts/src",
  "contracts/template",
  "contracts/verifications",
  "deploy",
  "docs",
];

const reloadScript = '<script>new EventSource("/reload").onmessage = () => location.reload();</script>';

/**
 * A build in a process of its own, so that changed code counts too. Until it is done, and if it fails, the old site
 * stays; and of that the reference, unless it has to follow a document.
 */
async function rebuild(out: string, reference: boolean): Promise<boolean> {
  const next = `${out}.next`;
  const entry = fileURLToPath(new URL("./cli.ts", import.meta.url));
  const tsx = fileURLToPath(
    new URL("../node_modules/tsx/dist/cli.mjs", import.meta.url),
  );
  const child = spawn(process.execPath, [tsx, entry, "--out", next, reference ? "--reference" : "--no-reference"], {
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  if (code !== 0) {
    await rm(next, { recursive: true, force: true });
    return false;
  }
  const kept = join(out, "reference");
  if (!reference && existsSync(kept)) await rename(kept, join(next, "reference"));
  await rm(out, { recursive: true, force: true });
  await rename(next, out);
  return true;
}

/** Serves the built site and reloads the browsers after each change of a source; runs until it is interrupted. */
export async function serve(
  { root, out, port }: { root: string; out: string; port: number },
): Promise<void> {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let building = Promise.resolve();
  let reference = false;

  function changed(file: string): void {
    reference ||= /asyncapi[^/]*$/.test(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(async () => {
        const withReference = reference;
        reference = false;
        if (await rebuild(out, withReference)) { for (const reload of listeners) reload(); }
        else reference ||= withReference;
      });
    }, 150);
  }
  const watched = sources.map((source) => join(root, source)).filter((path) => existsSync(path));
  for (const path of watched) {
    watch(path, { recursive: true }, (_, file) => changed(file ?? path)).on("error", () => {});
  }

  const app = new Hono();
  app.get("/reload", (context) =>
    streamSSE(context, async (stream) => {
      const reload = () => void stream.writeSSE({ data: "reload" });
      listeners.add(reload);
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      listeners.delete(reload);
    }));
  app.get("*", async (context, next) => {
    const path = context.req.path.endsWith("/") ? `${context.req.path}index.html` : context.req.path;
    if (!path.endsWith(".html") || path.includes("..")) return await next();
    try {
      const html = await readFile(join(out, path), "utf8");
      return context.html(html.replace("</body>", `${reloadScript}</body>`));
    } catch {
      return context.text(`There is no page ${path}`, 404);
    }
  });
  app.use("*", serveStatic({ root: out }));

  const server = listen(
    { fetch: app.fetch, port, hostname: "127.0.0.1" },
    (address) => {
      console.log(
        `http://127.0.0.1:${address.port}/ - it reloads after each change; Ctrl-C ends it`,
      );
    },
  );
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  server.close();
  process.exit(0);
}
