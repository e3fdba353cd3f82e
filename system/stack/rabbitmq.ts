import type { Memory } from "./memory.ts";

/** A running RabbitMQ and how to reach it. */
export interface RabbitMq {
  /** Where it came from, in words. */
  origin: string;
  amqpUrl: string;
  /** With credentials; undefined when only AMQP_URL was given. */
  managementUrl: string | undefined;
  died: Promise<never>;
  stop(): Promise<void>;
  /** At once, as a power cut would. */
  kill(): Promise<void>;
}

export interface RabbitMqOptions {
  /** Data, configuration and logs. */
  folder: string;
  /** Downloads that survive `--fresh`. */
  cacheFolder: string;
  memory: Memory;
  report: (line: string) => void;
  signal?: AbortSignal | undefined;
}

export const rabbitMqUser = "appointments";
