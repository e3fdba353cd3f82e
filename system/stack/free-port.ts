import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const host = "127.0.0.1";

export async function isFree(port: number): Promise<boolean> {
  return await whyNotFree(port) === undefined;
}

/** The system's code for what keeps the port from being listened on, such as EADDRINUSE or EACCES; else undefined. */
export function whyNotFree(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

/** A free port below the range that the system hands out to outgoing connections, so that none of them takes it. */
export async function freePort(): Promise<number> {
  while (true) {
    const port = randomInt(20_000, 30_000);
    if (await isFree(port)) return port;
  }
}
