import amqp from "amqplib";
import type { ChannelModel } from "amqplib";
import { setTimeout as delay } from "node:timers/promises";
import { exchange } from "../generated/topology.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Tls } from "../tls.ts";
import type { Log } from "../telemetry/log.ts";
import { brokerCredentials } from "./broker-credentials.ts";
import { coalesceWrites } from "./coalesce-writes.ts";
import { assertExchange } from "./assert-exchange.ts";
import { createPublisher, type Publisher, type Refusal } from "./publisher.ts";

type Link = { connection: ChannelModel; publisher: Publisher; blocked: boolean; giveUp: () => void };

const firstDelayMs = 1_000;
const longestDelayMs = 30_000;

export type BrokerConnection = {
  /** The publisher of now; undefined while there is no usable connection. */
  publisher(): Publisher | undefined;
  /** What the last look found missing at the broker; the next one has to find it. */
  missing(): readonly string[];
  /** What the broker refuses to this user, until it takes the same again. */
  refusal(): string | undefined;
  /** Gives this connection up and makes another: for when it no longer answers. */
  renew(reason: string): void;
  close(): Promise<void>;
};

/** Eight seconds of silence, twice, are a dead connection; an address may say otherwise. */
function withHeartbeat(address: string): string {
  const url = new URL(address);
  if (!url.searchParams.has("heartbeat")) url.searchParams.set("heartbeat", "8");
  return url.href;
}

/**
 * Keeps one connection for publishing. It waits at least a second before it connects again: a client that comes back
 * at once to a cluster that is losing a node can hang (RabbitMQ 3.10).
 */
export function connectBroker(deps: {
  urls: readonly string[];
  /** For addresses that begin with amqps. */
  tls?: Tls | undefined;
  confirmTimeoutMs: number;
  log: Log;
  onReady: () => void;
  /** How often the exchange is declared again: who deletes it would have it missing until the next connection. */
  checkEveryMs?: number | undefined;
  /** Told when the exchange was gone. */
  onRestored?: (() => void) | undefined;
}): BrokerConnection {
  const { log } = deps;
  const stop = new AbortController();
  let current: Link | undefined;
  let attempt = 0;
  let hasDeclared = false;
  let missing: readonly string[] = [];
  let refusedToDeclare: string | undefined;
  /** Until the same is taken again. */
  let refused: Refusal | undefined;

  async function declare(connection: ChannelModel): Promise<void> {
    const wasMissing = await assertExchange(connection) && hasDeclared;
    hasDeclared = true;
    refusedToDeclare = undefined;
    missing = wasMissing ? [`exchange ${exchange.name}`] : [];
    if (!wasMissing) return;
    log.error({ exchange: exchange.name }, "exchange was missing and has been declared again");
    deps.onRestored?.();
  }

  async function connect(url: string): Promise<void> {
    const connection = await amqp.connect(withHeartbeat(url), {
      ...deps.tls,
      credentials: brokerCredentials(url),
      timeout: 10_000,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: "appointment-producer" },
    });
    coalesceWrites(connection);
    let giveUp = () => {};
    const over = new Promise<void>((resolve) => {
      giveUp = resolve;
      connection.once("close", resolve);
    });
    connection.on(
      "error",
      (error) => log.warn({ err: { message: errorText(error) } }, "connection to RabbitMQ failed"),
    );
    try {
      const channel = await connection.createConfirmChannel();
      channel.on("error", (error) => log.warn({ err: { message: errorText(error) } }, "channel to RabbitMQ failed"));
      await declare(connection);
      // A channel that the server closed takes its connection with it: one way to recover instead of two.
      channel.once("close", () => void connection.close().catch(() => {}));
      const publisher = createPublisher(channel, {
        exchange: exchange.name,
        confirmTimeoutMs: deps.confirmTimeoutMs,
        onRefused: (refusal) => void (refused = refusal),
        onConfirmed(routingKey) {
          if ((refused?.routingKey ?? routingKey) === routingKey) refused = undefined;
        },
      });
      const own: Link = { connection, publisher, blocked: false, giveUp };
      current = own;
      connection.on("blocked", (reason) => {
        own.blocked = true;
        log.warn({ reason }, "RabbitMQ blocked the connection");
      });
      connection.on("unblocked", () => {
        own.blocked = false;
        log.info("RabbitMQ unblocked the connection");
        deps.onReady();
      });
    } catch (error) {
      await connection.close().catch(() => {});
      throw error;
    }
    if (stop.signal.aborted) await connection.close();
    attempt = 0;
    log.info("connected to RabbitMQ");
    deps.onReady();
    // During an alarm the broker answers nothing on a connection that it has blocked.
    const look = () => {
      if (current?.blocked) return;
      declare(connection).catch((error) =>
        log.warn({ err: { message: errorText(error) } }, "declaring the exchange failed")
      );
    };
    const timer = setInterval(look, deps.checkEveryMs ?? 30_000);
    await over;
    clearInterval(timer);
    current = undefined;
    missing = [];
  }

  async function keepConnected(): Promise<void> {
    for (let turn = 0; !stop.signal.aborted; turn++) {
      try {
        await connect(deps.urls[turn % deps.urls.length] as string);
        if (stop.signal.aborted) return;
        log.warn("connection to RabbitMQ closed");
      } catch (error) {
        // It answers, and lets this user not even declare the exchange.
        refusedToDeclare = (error as { code?: unknown }).code === 403 ? (error as Error).message : undefined;
        log.warn({ err: { message: errorText(error) }, attempt }, "waiting for RabbitMQ");
      }
      const base = Math.min(firstDelayMs * 2 ** Math.min(attempt++, 10), longestDelayMs);
      await delay(base * (1 + Math.random() * 0.5), undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  const kept = keepConnected();
  return {
    publisher: () => (current?.blocked ? undefined : current?.publisher),
    missing: () => missing,
    refusal: () => refusedToDeclare ?? refused?.reason,
    renew(reason) {
      // During an alarm of the broker a new connection would be blocked as well, and the old one stays open over there.
      if (!current || current.blocked) return;
      log.warn({ reason }, "renewing the connection to RabbitMQ");
      const { connection, giveUp } = current;
      // A half-open connection never answers the close: nobody waits for it.
      giveUp();
      void connection.close().catch(() => {});
    },
    async close() {
      stop.abort();
      await current?.connection.close().catch(() => {});
      await kept;
    },
  };
}
