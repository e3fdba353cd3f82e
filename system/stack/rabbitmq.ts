import type { CertificateFiles } from "./local-certificates.ts";
import type { Memory } from "./memory.ts";

/** A running RabbitMQ and how to reach it. */
export interface RabbitMq {
  /** Where it came from, in words. */
  origin: string;
  amqpUrl: string;
  /** The same in TLS, where there are certificates. */
  amqpsUrl?: string | undefined;
  /** With credentials; undefined when only AMQP_URL was given. */
  managementUrl: string | undefined;
  died: Promise<never>;
  stop(): Promise<void>;
  /** At once, as a power cut would; a container's data are thrown away. */
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
  /** More lines for rabbitmq.conf; a container takes none. */
  configuration?: string;
  /** It listens in TLS, too; a container does not. */
  certificates?: CertificateFiles | undefined;
  /** Makes the node one of several that know one another; a container can't be. */
  member?: ClusterMember;
}

export interface ClusterMember {
  name: string;
  /** Of the one epmd that all members share. */
  epmdPort: number;
  cookie: string;
}

export const rabbitMqUser = "appointments";
