import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface TcpProxy {
  /** The address of the server behind it, by way of the proxy. */
  url: string;
  /** From now on what the client sends is lost, while the connection stays. */
  swallowRequests(): void;
  /** From now on what the server sends is lost. */
  swallowAnswers(): void;
  /** Ends the connections that lost something; new ones lose nothing. */
  swallowNothing(): void;
  stop(): Promise<void>;
}

/** Stands between a client and the server that the URL names. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const swallowed = { requests: false, answers: false };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on("data", (data) => swallowed.requests || upstream.write(data));
    upstream.on("data", (data) => swallowed.answers || client.write(data));
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    swallowRequests: () => void (swallowed.requests = true),
    swallowAnswers: () => void (swallowed.answers = true),
    swallowNothing() {
      swallowed.requests = swallowed.answers = false;
      for (const socket of sockets) socket.destroy();
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
