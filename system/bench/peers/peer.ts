import type { Buffer } from "node:buffer";

export const exchange = "bench.peers";
export const routingKey = "appointment.created";

/** A way to publish one event, at the strongest guarantee that it has. */
export interface Peer {
  /** Resolves when the library says that the broker has it, or, where it never says so, when it is written. */
  publish(content: Buffer): Promise<void>;
  close(): Promise<void>;
}

export type OpenPeer = (amqpUrl: string) => Promise<Peer>;
