import { request } from "node:https";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { serveOps } from "./serve-ops.ts";
import { createAuthority } from "../../tests/support/certificates.ts";

test("with a certificate of its own the operations port speaks HTTPS; the probes' port, where there is one, does not", async () => {
  const authority = createAuthority();
  const ops = new Hono().get("/here", (context) => context.text("ops"));
  const probes = new Hono().get("/here", (context) => context.text("probes"));
  const config = {
    host: "127.0.0.1",
    port: 0,
    keepAliveTimeoutMs: 75_000,
    keys: [],
    networks: undefined,
    anonymousPerSecond: 0,
    certificate: authority.issue(),
    probes: { host: "127.0.0.1", port: 0 },
  };
  const ports = await new Promise<{ port: number; probePort?: number }>((resolve) => {
    const servers = serveOps(config, { ops, probes, limit: (_, next) => next() }, resolve);
    onTestFinished(() => servers.forEach((server) => void server.close()));
  });
  const ask = (ca?: string) =>
    new Promise<string>((resolve, reject) => {
      const options = { agent: false, ...(ca !== undefined && { ca }) };
      const asked = request(`https://localhost:${ports.port}/here`, options, (response) => {
        response.setEncoding("utf8").on("data", resolve);
      });
      asked.on("error", reject).end();
    });
  expect(await ask(authority.ca)).toBe("ops");
  await expect(ask()).rejects.toThrow(/unable to|self-signed|certificate/);
  await expect(fetch(`http://localhost:${ports.port}/here`)).rejects.toThrow();
  expect(await (await fetch(`http://127.0.0.1:${ports.probePort}/here`)).text()).toBe("probes");
});
