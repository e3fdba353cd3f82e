import { createServer } from "node:https";
import { serve, type ServerType } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import type { Config } from "../config.ts";
import { answerOptions } from "./answer-options.ts";
import { timeoutsOf } from "./server-timeouts.ts";

export interface OpsApps {
  ops: Hono;
  probes: Hono;
  limit: MiddlewareHandler;
}

/** Serves the operations port, and the probes' where they have one; says where when all of them listen. */
export function serveOps(
  { host, port, probes, certificate, keepAliveTimeoutMs }: Config["ops"],
  apps: OpsApps,
  listening: (ports: { port: number; probePort?: number }) => void,
): ServerType[] {
  const timeouts = timeoutsOf(keepAliveTimeoutMs);
  const ports: { port?: number; probePort?: number } = {};
  const listens = (name: "port" | "probePort") => ({ port }: { port: number }) => {
    ports[name] = port;
    if (ports.port !== undefined && (!probes || ports.probePort !== undefined)) {
      listening({ ...ports, port: ports.port });
    }
  };
  const secured = certificate
    ? { createServer, serverOptions: { ...timeouts, ...certificate } }
    : { serverOptions: timeouts };
  const main = serve({ fetch: apps.ops.fetch, hostname: host, port, ...secured }, listens("port"));
  if (!probes) return [main];
  const apart = new Hono();
  apart.use(apps.limit);
  apart.route("/", apps.probes);
  answerOptions(apart);
  const options = { fetch: apart.fetch, hostname: probes.host, port: probes.port, serverOptions: timeouts };
  return [main, serve(options, listens("probePort"))];
}
