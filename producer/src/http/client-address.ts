import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { BlockList, isIP } from "node:net";

/** Addresses and networks, with commas between: `10.0.0.0/8, fd00::/8, 192.0.2.7`. Throws at what is none. */
export function readNetworks(text: string): BlockList {
  const networks = new BlockList();
  for (const part of text.split(",").map((one) => one.trim())) {
    const [address = "", prefix, ...rest] = part.split("/");
    if (isIP(address) === 0 || rest.length > 0) throw new TypeError(`"${part}" is not an IP address or network`);
    if (prefix === undefined) networks.addAddress(address, familyOf(address));
    else networks.addSubnet(address, Number(prefix), familyOf(address));
  }
  return networks;
}

/**
 * Where a request comes from: the other end of its connection, or, where that is a trusted proxy, the last address in
 * X-Forwarded-For that no trusted proxy has. What stands before it is the caller's own word.
 */
export function createClientAddress(trusted: BlockList | undefined): (c: Context) => string | undefined {
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted?.check(address, familyOf(address)) === true;
  return (c) => {
    const bindings: Partial<HttpBindings> | undefined = c.env;
    let address = unmapped(bindings?.incoming?.socket.remoteAddress ?? "");
    const forwarded = (c.req.header("x-forwarded-for") ?? "").split(",").map((hop) => unmapped(hop.trim()));
    while (isTrusted(address) && isIP(forwarded.at(-1) ?? "") !== 0) address = forwarded.pop()!;
    return address || undefined;
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** An IPv4 address as a socket for both families shows it (RFC 4291, 2.5.5.2). */
function unmapped(address: string): string {
  const plain = address.replace(/^::ffff:/i, "");
  return isIP(plain) === 4 ? plain : address;
}
