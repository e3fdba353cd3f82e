import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * `open`: bytes go both ways. `silent`: none does, and what was said comes when the link opens again, as after a network
 * that only held its packets. `requests-lost` and `answers-lost`: one direction is thrown away.
 * `cut-before-answer`: the server gets the request, and the connection breaks instead of its answer.
 */
export type LinkMode = "open" | "silent" | "requests-lost" | "answers-lost" | "cut-before-answer";

export interface Link {
  /** The address of the server behind it, by way of the link. */
  url: string;
  be(mode: LinkMode): void;
  /** Breaks every connection, as an end of one of the machines would. */
  cut(): void;
  /** The server sees its connections end, and the clients of now hear nothing of it, ever. */
  halfOpen(): void;
  /** Opens it; connections that lost bytes meanwhile are of no use any more, and break. */
  heal(): void;
  stop(): Promise<void>;
}

/** One for each of the comma-separated addresses, that all do the same. */
export async function startLinks(targets: string): Promise<Link> {
  const links = await Promise.all(targets.split(",").map(startLink));
  return {
    url: links.map(({ url }) => url).join(),
    be: (mode) => links.forEach((link) => link.be(mode)),
    cut: () => links.forEach((link) => link.cut()),
    halfOpen: () => links.forEach((link) => link.halfOpen()),
    heal: () => links.forEach((link) => link.heal()),
    stop: async () => void await Promise.all(links.map((link) => link.stop())),
  };
}

interface Connection {
  client: Socket;
  server: Socket;
  isSpoilt: boolean;
}

/** Stands between a service and the server that the URL names. */
async function startLink(target: string): Promise<Link> {
  const { hostname, port } = new URL(target);
  const connections = new Set<Connection>();
  const abandoned = new Set<Socket>();
  let mode: LinkMode = "open";

  const listener = createServer((client) => {
    const connection = { client, server: connect(Number(port), hostname), isSpoilt: false };
    const { server } = connection;
    connections.add(connection);
    client.on("data", (data) => {
      if (mode === "requests-lost") connection.isSpoilt = true;
      else server.write(data);
    });
    server.on("data", (data) => {
      if (mode === "answers-lost") connection.isSpoilt = true;
      else if (mode === "cut-before-answer") end(connection);
      else client.write(data);
    });
    if (mode === "silent") hold(connection);
    for (const socket of [client, server]) socket.on("error", () => {}).on("close", () => end(connection));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;

  function end(connection: Connection): void {
    if (!connections.delete(connection)) return;
    connection.client.destroy();
    connection.server.destroy();
  }

  return {
    url: url.href,
    be(next) {
      mode = next;
      if (mode === "silent") { for (const connection of connections) hold(connection); }
    },
    cut() {
      for (const connection of [...connections]) end(connection);
    },
    halfOpen() {
      for (const connection of [...connections]) {
        connections.delete(connection);
        abandoned.add(connection.client);
        connection.client.removeAllListeners("data").resume();
        connection.server.destroy();
      }
    },
    heal() {
      mode = "open";
      for (const connection of [...connections]) {
        if (connection.isSpoilt) end(connection);
        connection.client.resume();
        connection.server.resume();
      }
    },
    stop: () =>
      new Promise((resolve) => {
        for (const connection of [...connections]) end(connection);
        for (const client of abandoned) client.destroy();
        listener.close(() => resolve());
      }),
  };
}

function hold({ client, server }: Connection): void {
  client.pause();
  server.pause();
}
