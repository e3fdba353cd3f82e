import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export type TcpProxy = {
  /** The same address by way of this proxy. */
  url: string;
  /** Takes connections and passes everything on. */
  open(): Promise<void>;
  /** Cuts every connection and refuses new ones. */
  close(): Promise<void>;
  /** Keeps every connection and passes nothing on, like a cable that was pulled. */
  stall(): void;
  /** Takes up what was stalled. */
  resume(): void;
};

/** A wire between a client and a server that a test can cut. It starts closed. */
export async function createTcpProxy(target: string): Promise<TcpProxy> {
  const address = new URL(target);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let stalled = false;

  function join(client: Socket): void {
    const upstream = connect(Number(address.port), address.hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.on("data", (chunk) => to.write(chunk));
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      if (stalled) from.pause();
    }
  }

  async function listen(port: number): Promise<number> {
    const listening = server = createServer(join);
    await new Promise<void>((resolve) => listening.listen(port, "127.0.0.1", resolve));
    return (listening.address() as AddressInfo).port;
  }

  async function close(): Promise<void> {
    const closing = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
  }

  const port = await listen(0);
  await close();
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return {
    url: url.href,
    open: async () => void (await listen(port)),
    close,
    stall() {
      stalled = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      stalled = false;
      for (const socket of sockets) socket.resume();
    },
  };
}
