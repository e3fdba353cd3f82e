import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const host = "127.0.0.1";

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** A free port below the range that the system hands out to outgoing connections, so that none of them takes it. */
export async function freePort(): Promise<number> {
  while (true) {
    const port = randomInt(20_000, 30_000);
    if (await isFree(port)) return port;
  }
}
