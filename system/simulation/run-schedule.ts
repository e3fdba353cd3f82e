import { createBroker } from "./model/broker.ts";
import { createDatabase, understand } from "./model/database.ts";
import { deliveryStatements } from "./model/delivery-statements.ts";
import { relayStatements } from "./model/relay-statements.ts";
import { startDelivery } from "./delivery-process.ts";
import { planFaults } from "./faults.ts";
import { createInvariants } from "./invariants.ts";
import { startRelay } from "./relay-process.ts";
import { createRestarting } from "./restarting.ts";
import { createScheduler } from "./scheduler.ts";
import type { Services } from "./services.ts";
import { inVirtualTime } from "./virtual-time.ts";
import { eventOf } from "./workload.ts";

export interface Outcome {
  /** The promise that was broken, if any. */
  finding: string | undefined;
  /** What was done to the system, with the virtual ms. */
  trace: string[];
  /** How long the system took, in virtual ms. */
  virtualMs: number;
}

/** Longer than any retry delay that a fault can lead to: what is not done by then is stuck. */
const limitMs = 3_600_000;

const relayKnown = understand(relayStatements);
const deliveryKnown = understand(deliveryStatements);

/** One schedule, from the first booking until everything is done: it depends on nothing but the seed and the code. */
export function runSchedule(services: Services, seed: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // In a turn of its own: the scheduler can't run microtasks from within one.
    setImmediate(() => {
      const scheduler = createScheduler(seed);
      try {
        resolve(inVirtualTime(scheduler, () => run(services, scheduler)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function run(services: Services, scheduler: ReturnType<typeof createScheduler>): Outcome {
  const { between, chance, pick } = scheduler;
  const trace: string[] = [];
  const note = (what: string) => void trace.push(`${scheduler.now().toFixed(3)} ${what}`);
  const invariants = createInvariants(scheduler.now);
  const activity = { count: 0, then: (_count: number) => {} };
  const acted = <Args extends unknown[]>(watch: (...args: Args) => void) => (...args: Args) => {
    watch(...args);
    activity.then(++activity.count);
  };

  const { ofBroker, ofRelay } = invariants;
  const broker = createBroker(scheduler, {
    enqueued: acted(ofBroker.enqueued),
    acknowledged: acted(ofBroker.acknowledged),
  });
  for (const job of ["availability", "analytics"] as const) {
    const queue = services.topologyWith(undefined)[job];
    broker.declareQueue(queue.name);
    broker.declareQueue(queue.deadLetter.queue);
    broker.bind(queue.deadLetter.queue, queue.deadLetter.exchange, queue.deadLetter.routingKey);
    for (const { exchange, routingKey } of queue.bindings) broker.bind(queue.name, exchange, routingKey);
    broker.bind(queue.name, queue.retry.exchange, queue.retry.routingKey);
    for (const delay of queue.retry.delays) {
      const deadLetterTo = { exchange: queue.retry.exchange, routingKey: queue.retry.routingKey };
      broker.declareQueue(delay.queue, { ttlMs: delay.ttlMs, deadLetterTo });
      broker.bind(delay.queue, queue.retry.exchange, delay.routingKey);
    }
  }

  const producerDatabase = createDatabase(scheduler, relayKnown, { ...ofRelay, wrote: acted(ofRelay.wrote) });
  const consumerDatabase = createDatabase(scheduler, deliveryKnown, undefined);
  producerDatabase.view.set("lease", { term: "0", beat: "0", holder: null });
  const { commit } = consumerDatabase;
  consumerDatabase.commit = acted(commit);
  invariants.watch({ broker, consumerDatabase });

  const over: AbortController[] = [];
  const world = { scheduler, services, broker, over };
  const restarting = createRestarting(scheduler, note);
  const relays = Array.from(
    { length: chance(0.6) ? 2 : 1 },
    (_, index) => restarting(`relay-${index + 1}`, (owner) => startRelay(world, producerDatabase, owner)),
  );
  const deliveries = Array.from(
    { length: chance(0.4) ? 2 : 1 },
    (_, index) => restarting(`consumer-${index + 1}`, (owner) => startDelivery(world, consumerDatabase, owner)),
  );

  const total = book();
  const faultsEnd = planFaults({
    scheduler,
    broker,
    producerDatabase,
    consumerDatabase,
    relays,
    deliveries,
    activity,
    note,
  });

  /** Each visit's events commit one after another, at any moment. */
  function book(): number {
    const visits = chance(0.5) ? 1 : 2;
    let [ids, events] = [0, 0];
    for (let visit = 1; visit <= visits; visit++) {
      const versions = Math.ceil(between(0, 3));
      let at = between(0, 300);
      for (let version = 1; version <= versions; version++, at += between(0, chance(0.5) ? 20 : 3_000)) {
        events++;
        scheduler.after(at, undefined, () => {
          const event = eventOf(++ids, visit, version);
          invariants.committed(event);
          producerDatabase.view.set(`outbox:${event.id}`, event);
          note(`committed event ${ids}: visit ${visit}, version ${version}`);
          if (chance(0.8)) pick(relays).running()?.wake();
        });
      }
    }
    return events;
  }

  const archived = () => producerDatabase.view.committed("archive:").length === total;
  const drained = () =>
    broker.queues().every(({ name, ready, unacked }) => name.endsWith(".dlq") || ready.length + unacked.size === 0);
  const settled = () => scheduler.now() >= faultsEnd() && archived() && drained();
  let steps = 0;
  while (scheduler.now() < limitMs && !invariants.broken() && scheduler.step()) {
    if (++steps % 16 === 0 && settled()) break;
  }
  if (!invariants.broken()) {
    if (scheduler.now() >= limitMs) invariants.find(`not everything was done after ${limitMs / 60_000} minutes`);
    invariants.checkEnd();
  }
  const finding = invariants.broken()?.message;
  scheduler.runAs(undefined, () => over.forEach((stop) => stop.abort()));
  return { finding, trace, virtualMs: scheduler.now() };
}
