import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Log } from "../telemetry/log.ts";
import { createRequestListener } from "./request-listener.ts";
import { timeoutsOf } from "./server-timeouts.ts";

export type ListenOptions = {
  host: string;
  port: number;
  /** What it shows, in PEM; with it, it speaks HTTPS only. */
  certificate?: { cert: string; key: string } | undefined;
  keepAliveMs: number;
  log: Log;
};

/** Serves on a port; `fail` is told what goes wrong there, before it listens or later. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port, certificate, keepAliveMs, log }: ListenOptions,
  fail: (error: Error) => void,
): Promise<Server> {
  const listener = createRequestListener(fetch, { hostname: host, log });
  const timeouts = timeoutsOf(keepAliveMs);
  const server = certificate
    ? createTlsServer({ ...timeouts, ...certificate }, listener)
    : createServer(timeouts, listener);
  server.on("error", fail);
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

export const portOf = (server: Server) => (server.address() as AddressInfo).port;
