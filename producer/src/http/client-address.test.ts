import { Hono } from "hono";
import { expect, test } from "vitest";
import { createClientAddress, readNetworks } from "./client-address.ts";

async function addressOf(peer: string | undefined, forwarded: string | undefined, trusted?: string) {
  const clientAddress = createClientAddress(trusted === undefined ? undefined : readNetworks(trusted));
  const app = new Hono().get("/", (c) => c.json(clientAddress(c) ?? null));
  const headers: Record<string, string> = forwarded === undefined ? {} : { "X-Forwarded-For": forwarded };
  const env = peer === undefined ? {} : { incoming: { socket: { remoteAddress: peer } } };
  return await (await app.request("/", { headers }, env)).json();
}

test.each<[string | undefined, string | undefined, string | undefined, string | null]>([
  ["192.0.2.1", undefined, undefined, "192.0.2.1"],
  ["::ffff:192.0.2.1", undefined, undefined, "192.0.2.1"],
  ["192.0.2.1", "198.51.100.7", undefined, "192.0.2.1"],
  ["192.0.2.1", "198.51.100.7", "10.0.0.0/8", "192.0.2.1"],
  ["10.0.0.1", "198.51.100.7", "10.0.0.0/8", "198.51.100.7"],
  ["::ffff:10.0.0.1", "::ffff:198.51.100.7", "10.0.0.0/8", "198.51.100.7"],
  ["10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "10.0.0.0/8", "198.51.100.7"],
  ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.0/8", "10.0.0.3"],
  ["10.0.0.1", "Jane Marker", "10.0.0.0/8", "10.0.0.1"],
  ["10.0.0.1", "Jane Marker, 10.0.0.2", "10.0.0.0/8", "10.0.0.2"],
  ["10.0.0.1", "", "10.0.0.0/8", "10.0.0.1"],
  ["fd00::1", "2001:db8::7", "fd00::/8, 192.0.2.7", "2001:db8::7"],
  [undefined, "198.51.100.7", "10.0.0.0/8", null],
])("a connection from %s with %s, %s trusted, comes from %s", async (peer, forwarded, trusted, expected) => {
  expect(await addressOf(peer, forwarded, trusted)).toBe(expected);
});

test.each(["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "proxy.example", "10.0.0.1,", "fd00::/129", "10.0.0.0/8/8"])(
  "%j is refused",
  (text) => expect(() => readNetworks(text)).toThrow(),
);
