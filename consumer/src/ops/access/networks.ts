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

const loopback = readNetworks("127.0.0.0/8,::1");

/** Whether a connection comes from this machine, or from a network that the configuration allows. */
export function isAllowed(address: string | undefined, networks: BlockList | undefined): boolean {
  const plain = unmapped(address ?? "");
  if (isIP(plain) === 0) return false;
  return loopback.check(plain, familyOf(plain)) || networks?.check(plain, familyOf(plain)) === true;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** An IPv4 address as a socket for both families shows it (RFC 4291, 2.5.5.2). */
export function unmapped(address: string): string {
  const plain = address.replace(/^::ffff:/i, "");
  return isIP(plain) === 4 ? plain : address;
}
