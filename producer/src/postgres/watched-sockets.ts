import { Socket } from "node:net";
import type { Target } from "./database-address.ts";

export type WatchedSockets = {
  /** The option of postgres.js, which its types lack. */
  socket(): Promise<Socket>;
  /** Closes what is connected elsewhere. */
  closeOthers(target: Target): void;
  closeAll(): void;
};

/**
 * Sockets that close when nothing has been read for so long, as when packets are dropped or the server is stopped. Only
 * what is read counts: more queries are written to a connection that hangs. Idle connections have to be closed earlier, or
 * they would look the same. Infinity suits statements that lift their own timeout.
 */
export function watchedSockets(choose: () => Promise<Target>, silentForMs: number): WatchedSockets {
  const open = new Map<Socket, Target>();
  return {
    async socket() {
      const socket = new Socket();
      let target: Target;
      try {
        target = await choose();
      } catch (error) {
        // By then postgres.js listens, and has not written yet. It would wait for ever for a socket that it never got.
        setImmediate(() => socket.destroy(error as Error));
        return socket;
      }
      // Before its first write, which a socket that does not connect yet would refuse.
      queueMicrotask(() => socket.connect(target));
      open.set(socket, target);
      refuseMuteServer(socket);
      if (silentForMs < Infinity) watch(socket, silentForMs, () => open.delete(socket));
      // For the server's name in TLS, and for messages.
      return Object.assign(socket, target);
    },
    closeAll() {
      for (const socket of open.keys()) socket.destroy();
    },
    closeOthers(kept) {
      for (const [socket, target] of open) if (target !== kept) socket.destroy();
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
    socket.destroy(
      Object.assign(new Error("The connection was closed before the server answered"), { code: "ECONNRESET" }),
    );
  });
}

/** Looks instead of listening: postgres.js takes all listeners off before it puts TLS around a socket. */
function watch(socket: Socket, silentForMs: number, closed: () => void): void {
  const everyMs = Math.min(1_000, silentForMs / 4);
  let read = 0;
  let silentMs = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) {
      clearInterval(timer);
      return closed();
    }
    silentMs = socket.bytesRead === read ? silentMs + everyMs : 0;
    read = socket.bytesRead;
    if (silentMs >= silentForMs) socket.destroy();
  }, everyMs);
  timer.unref();
}
