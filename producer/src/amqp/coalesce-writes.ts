import process from "node:process";
import type { ChannelModel } from "amqplib";

type Writable = { write(...args: unknown[]): boolean; cork(): void; uncork(): void };

/**
 * Hands all that is written within one turn of the event loop to the socket at once. amqplib (2.3.1) makes a system call
 * for each message, which costs as much as all else that a publication takes.
 */
export function coalesceWrites({ connection }: ChannelModel): void {
  const { stream } = connection as { stream?: Writable };
  if (!stream) return;
  const write = stream.write.bind(stream);
  let corked = false;
  stream.write = (...args) => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(() => {
        corked = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
}
