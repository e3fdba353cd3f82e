import { Socket } from "node:net";

type Address = {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false | undefined;
};

/**
 * The option `socket` of postgres.js, which its types lack: sockets that close when nothing has been read for so long, as when packets are
 * dropped or the server is stopped. Only what is read counts: more queries are written to a connection that hangs. Idle
 * connections have to be closed earlier, or they would look the same.
 */
export function watchedSockets(silentForMs: number): { socket: (address: Address) => Socket } {
  let turn = 0;
  return {
    socket({ host, port, path }) {
      const socket = new Socket();
      const index = turn++ % host.length;
      const target = { host: host[index] as string, port: port[index] as number };
      // By the time that it can fail, postgres.js listens.
      queueMicrotask(() => path ? socket.connect(path) : socket.connect(target));
      refuseMuteServer(socket);
      if (silentForMs < Infinity) watch(socket, silentForMs);
      // For the server's name in TLS, and for messages.
      return Object.assign(socket, target);
    },
  };
}

/**
 * To a connection that is closed before a word, as by a proxy whose database is away, postgres.js (3.4.9) connects again
 * and again without a pause, and never tells who asked.
 */
function refuseMuteServer(socket: Socket): void {
  socket.once("end", () => {
    if (socket.bytesRead > 0) return;
    socket.destroy(Object.assign(new Error("The connection was closed before a word"), { code: "ECONNRESET" }));
  });
}

/** Looks instead of listening: postgres.js takes all listeners off before it puts TLS around a socket. */
function watch(socket: Socket, silentForMs: number): void {
  const everyMs = Math.min(1_000, silentForMs / 4);
  let read = 0;
  let silentMs = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    silentMs = socket.bytesRead === read ? silentMs + everyMs : 0;
    read = socket.bytesRead;
    if (silentMs >= silentForMs) socket.destroy();
  }, everyMs);
  timer.unref();
}
