import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import { brokerCredentials } from "./broker-credentials.ts";
import { guardHeaders } from "./readable-headers.ts";
import type { Tls } from "../tls.ts";
import type { Logger } from "../telemetry/logger.ts";

/** No further attempt can help: the broker is too old, or holds something else under one of our names. */
export class FatalBrokerError extends Error {
  override name = "FatalBrokerError";
}

export interface BrokerConnection {
  /** The open connection; waits for one until `signal` is aborted. */
  current(signal: AbortSignal): Promise<ChannelModel>;
  isOpen(): boolean;
  /** What the broker said when it let this user not do what it has to, until it does. */
  refusal(): string | undefined;
  /** Resolves after close(); rejects with a FatalBrokerError. */
  done: Promise<void>;
  close(): Promise<void>;
}

export interface BrokerConnectionOptions {
  /** Tried in turn. */
  urls: readonly string[];
  /** For addresses that begin with amqps. */
  tls?: Tls | undefined;
  /** What the broker's management page shows. */
  name: string;
  log: Logger;
  /** Runs on each new connection before anybody gets it. */
  onOpen?: (model: ChannelModel) => Promise<void>;
  /** Hears of each attempt that failed, and of each connection that was lost. */
  onLoss?: (error: unknown) => void;
}

/** A publisher that reconnects at once to a cluster that is losing a node can hang for a minute: wait 1 s at least. */
const leastDelayMs = 1_000;
const mostDelayMs = 15_000;
/** A broker that does not answer is left without its farewell. */
const closeTimeoutMs = 2_000;

/** How long to wait before the given attempt (0, 1, …): doubling, with up to half as much again at random. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  return Math.min(leastDelayMs * 2 ** attempt, mostDelayMs) * (1 + random() / 2);
}

function withHeartbeat(url: string): string {
  const address = new URL(url);
  if (!address.searchParams.has("heartbeat")) address.searchParams.set("heartbeat", "8");
  return address.href;
}

/** Opens a connection and opens it again whenever it is lost, until close(). */
export function keepConnected(
  { urls, tls, name, log, onOpen, onLoss }: BrokerConnectionOptions,
): BrokerConnection {
  const stop = new AbortController();
  const changes = new EventEmitter().setMaxListeners(0);
  let model: ChannelModel | undefined;
  let refusal: string | undefined;

  async function connectOnce(url: string, onSuccess: () => void): Promise<void> {
    const candidate = await connect(withHeartbeat(url), {
      ...tls,
      credentials: brokerCredentials(url),
      timeout: 10_000,
      noDelay: true,
      clientProperties: { connection_name: name },
    });
    guardHeaders(candidate.connection);
    let cause: Error | undefined;
    candidate.on("error", (error: Error) => (cause = error));
    // Not events.once: it rejects on an error, and every lost connection has one before its close.
    const closed = new Promise<void>((resolve) => candidate.once("close", () => resolve()));
    try {
      await onOpen?.(candidate);
      stop.signal.throwIfAborted();
    } catch (error) {
      candidate.close().catch(() => {});
      throw cause ?? error;
    }
    model = candidate;
    refusal = undefined;
    onSuccess();
    log.info({ connection: name }, "connected to RabbitMQ");
    changes.emit("open");
    await closed;
    model = undefined;
    if (!stop.signal.aborted) throw cause ?? new Error("the connection was closed");
  }

  async function run(): Promise<void> {
    let attempt = 0;
    for (let turn = 0; !stop.signal.aborted; turn++) {
      try {
        await connectOnce(urls[turn % urls.length]!, () => (attempt = 0));
      } catch (error) {
        if (error instanceof FatalBrokerError) throw error;
        if (stop.signal.aborted) return;
        onLoss?.(error);
        // Somebody may grant it meanwhile, so this is no reason to end.
        refusal = (error as { code?: unknown }).code === 403 ? (error as Error).message : undefined;
        const delayMs = Math.round(reconnectDelay(attempt++));
        log.warn({ connection: name, error: String(error), delayMs }, "waiting for RabbitMQ");
        await sleep(delayMs, undefined, { signal: stop.signal }).catch(() => {});
      }
    }
  }

  const done = run();
  done.catch(() => {});
  return {
    done,
    isOpen: () => model !== undefined,
    refusal: () => refusal,
    async current(signal) {
      while (!model) {
        if (stop.signal.aborted) throw new Error("the connection was closed");
        await Promise.race([once(changes, "open", { signal }), done]);
      }
      return model;
    },
    async close() {
      stop.abort();
      const closed = Promise.resolve(model?.close()).then(() => done);
      await Promise.race([closed.catch(() => {}), sleep(closeTimeoutMs, undefined, { ref: false })]);
    },
  };
}
