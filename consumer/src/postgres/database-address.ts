/** Where one server listens. */
export type Target = { readonly host: string; readonly port: number } | { readonly path: string };

export type DatabaseAddress = {
  /** In the order of the address. */
  readonly targets: readonly Target[];
  /** The same address for the driver, which knows one host name only. */
  readonly url: string;
};

/** Options that are about where to connect, which is decided here. */
const ownOptions = ["host", "port", "target_session_attrs"];

/**
 * Reads an address as libpq does: several `host:port`, an IPv6 literal in brackets, or the folder of a socket, which is
 * percent-encoded as the host or stands in the option `host`. Throws with what is wrong.
 */
export function readDatabaseAddress(address: string): DatabaseAddress {
  const parts = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?(.*))?$/.exec(address);
  if (!parts) throw new Error("expected a postgres:// URL");
  const [, authority = "", database = "", search = ""] = parts;
  const at = authority.lastIndexOf("@");
  const user = authority.slice(0, at + 1);
  const options = new URLSearchParams(search);
  const hosts = authority.slice(at + 1) || options.get("host") || "localhost";
  const ports = (options.get("port") ?? "5432").split(",");
  const targets = hosts.split(",").map((host, index) => readTarget(host, ports[index] ?? ports[0] ?? ""));
  for (const name of ownOptions) options.delete(name);
  const rest = options.size > 0 ? `?${options}` : "";
  const url = `postgres://${user}localhost:5432/${database}${rest}`;
  if (!URL.canParse(url)) throw new Error("expected a postgres:// URL");
  return { targets, url };
}

function readTarget(text: string, otherwise: string): Target {
  const [, literal, name = "", given] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d*))?$/.exec(text) ?? [];
  const host = literal ?? decodeURIComponent(name);
  const port = Number(given || otherwise);
  if (host === "") throw new Error(`expected a host and a port, not ${JSON.stringify(text)}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`expected a port from 1 to 65535 for ${JSON.stringify(text)}`);
  }
  return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
}
