import type { Attributes } from "@opentelemetry/api";

/** By the conventions' names, which server was asked; nothing of several, where it could be either. */
export function serverOf(urls: readonly string[]): Attributes {
  if (urls.length !== 1) return {};
  const { hostname, port } = new URL(urls[0]!);
  return { "server.address": hostname, ...(port !== "" && { "server.port": Number(port) }) };
}
