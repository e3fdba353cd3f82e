import { setTimeout as delay } from "node:timers/promises";
import type { Walk, WalkOptions } from "../src/services.ts";
import { walkWaiting } from "./model/waiting-events.ts";
import { type TakeMessages, walk } from "./model/walk.ts";
import type { Producer } from "./model/walked-clinic.ts";
import type { SeeAnswer } from "../src/wire/answer-violations.ts";
import type { Capture } from "../src/wire/capture.ts";
import type { PrivateServers } from "../src/wire/private-servers.ts";
import type { RunningProducer } from "./producer-process.ts";
import type { ProducerApi } from "./producer-api.ts";
import { ServiceFailed } from "../src/wire/service-failed.ts";

const DAY_MS = 86_400_000;
const WAIT_MS = 15_000;

/** Lets the model walk on the producer that runs, and takes what it says from the wire. */
export async function walkOnTheWire(
  { producer, own, api, capture, settle, see }: {
    producer: Pick<RunningProducer, "url" | "callers" | "clock">;
    own: Pick<PrivateServers, "manage">;
    api: ProducerApi;
    capture: Capture;
    settle: () => Promise<string[]>;
    see: SeeAnswer;
  },
  options: WalkOptions,
): Promise<Walk> {
  const { url, callers, clock } = producer;
  let [names, day] = [0, 0];
  const walked: Producer = {
    api: { url, callers, now: clock.now, see },
    reach: (instant) => clock.reach(new Date(instant)),
    newName: () => `walk-${++names}`,
    nextDay: () => (day = Math.max(day + 1, Math.floor(clock.now() / DAY_MS) + 3)) * DAY_MS,
  };
  let taken = capture.messages.size;
  const take: TakeMessages = async () => {
    const left = await settle();
    if (left.length > 0) throw new ServiceFailed(`the relay published no ${left.join(", ")}`);
    const messages = [...capture.messages].slice(taken);
    taken += messages.length;
    return messages;
  };
  const result = await walk(walked, take, options);
  if (result.violations.length > 0) return result;
  const violations = await walkWaiting(walked, take, {
    cut: () => cutConnections(own),
    withoutQueues: capture.unbound,
    async outbox() {
      const { items } = await (await api.send("GET", "/ops/outbox")).json();
      return items;
    },
  }, options.seed);
  return { ...result, violations };
}

interface Connection {
  name: string;
  client_properties?: { connection_name?: string };
}

/** Closes the producer's connection from the broker's side. The management API knows it a moment after it was made. */
async function cutConnections({ manage }: Pick<PrivateServers, "manage">): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline) {
    const connections = await manage("GET", "/api/vhosts/{vhost}/connections") as Connection[];
    const own = connections.filter((one) => one.client_properties?.connection_name === "appointment-producer");
    for (const { name } of own) await manage("DELETE", `/api/connections/${encodeURIComponent(name)}`);
    if (own.length > 0) return await delay(200);
    await delay(100);
  }
  throw new Error(`the broker named no connection of the producer in ${WAIT_MS / 1000} s`);
}
