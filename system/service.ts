import { join } from "node:path";
import process from "node:process";
import { denoStartCommand } from "./deno-command.ts";
import { fetchTrusting } from "./fetch-trusting.ts";
import { root } from "./local-files.ts";
import type { Releases } from "./stack/releases.ts";
import { startServerProcess } from "./stack/server-process.ts";
import { waitFor } from "./stack/wait-for.ts";

export type Runtime = "node" | "deno";

export interface ServiceOptions {
  name: "producer" | "consumer";
  runtime?: Runtime | undefined;
  /** The folder of both services, when it is not this checkout. */
  root?: string | undefined;
  /** The file of the authority of its certificate, where `env` gives it one. */
  ca?: string | undefined;
  /** PORT or OPS_PORT may be 0. */
  env: Record<string, string>;
  logFolder: string;
  onLine: (line: string) => void;
  releases: Releases;
  signal?: AbortSignal;
}

export interface Service {
  url: string;
  pid: number;
  died: Promise<never>;
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** What `npm start` and `deno task start` run in the service's folder, as one process that can be killed. */
function startCommand({ name, runtime, env }: ServiceOptions): string[] {
  if (runtime === "deno") return denoStartCommand(name, env);
  return [process.execPath, "--import", "tsx", "src/main.ts"];
}

/** Starts a service from its own folder and waits until it says that it is ready. */
export async function startService(options: ServiceOptions): Promise<Service> {
  let listening: (port: number) => void;
  const port = new Promise<number>((resolve) => listening = resolve);
  const service = await startServerProcess({
    name: options.name,
    folder: options.logFolder,
    cwd: join(options.root ?? root, options.name),
    command: startCommand(options),
    env: options.env,
    onLine(line) {
      options.onLine(line);
      const found = /"msg":"listening"/.test(line) && /"port":(\d+)/.exec(line);
      if (found) listening(Number(found[1]));
    },
  });
  options.releases.add(options.name, () => service.stop("SIGTERM"));
  const { ca } = options;
  const trusting = fetchTrusting(ca);
  const isReady = async () => {
    const url = `${ca === undefined ? "http://127.0.0.1" : "https://localhost"}:${await port}`;
    const response = await trusting(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return response.ok ? url : undefined;
  };
  const url = await Promise.race([
    service.died,
    waitFor(`${options.name} to be ready`, isReady, {
      timeoutMs: 60_000,
      remedy: "its log above says what it waits for",
      signal: options.signal,
    }),
  ]);
  return { url, pid: service.pid, died: service.died, stop: service.stop };
}
