import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";

/** What a shell shows of a program that wrote into a closed pipe: 128 and the number of SIGPIPE. */
const closedPipe = 141;

/** Ends the process quietly when whoever reads its output has gone (`| head`). */
export function endWithTheReader(streams: NodeJS.WriteStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) {
    stream.on("error", (error: Error & { code?: string }) => {
      if (error.code === "EPIPE") process.exit(closedPipe);
      throw error;
    });
  }
}

/** Resolves when everything that was written is with its reader. */
export async function written(streams: NodeJS.WriteStream[] = [process.stdout, process.stderr]): Promise<void> {
  for (const stream of streams) await new Promise<void>((resolve) => stream.write("", () => resolve()));
}

/** Says on a terminal what takes over a second, until it is called off; elsewhere nothing. */
export function sayWhenLong(what: string, stream: NodeJS.WriteStream = process.stderr): () => void {
  if (!stream.isTTY) return () => {};
  let said = false;
  const timer = setTimeout(() => {
    said = true;
    stream.write(`\r${what} …\x1b[K`);
  }, 1_000).unref();
  return () => {
    clearTimeout(timer);
    if (said) stream.write("\r\x1b[K");
    said = false;
  };
}
