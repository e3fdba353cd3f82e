import type { Broker } from "./model/broker.ts";
import type { Database } from "./model/database.ts";
import type { Restarting } from "./restarting.ts";
import type { Scheduler } from "./scheduler.ts";

export interface FaultTargets {
  scheduler: Scheduler;
  broker: Broker;
  producerDatabase: Database;
  consumerDatabase: Database;
  relays: readonly Restarting[];
  deliveries: readonly Restarting[];
  /** What the servers made durable or let go of, counted: the moments before and after are where a crash hurts. */
  activity: { count: number; then: (count: number) => void };
  note: (what: string) => void;
}

/** Plans up to four faults, at random times or at a random act of the servers; returns until when they last. */
export function planFaults(targets: FaultTargets): () => number {
  const { scheduler, activity } = targets;
  const { between, chance, pick } = scheduler;
  const faults = faultsOf(targets);
  const atActivity = new Map<number, () => void>();
  let over = 0;
  let pending = 0;

  const strike = () => {
    pending--;
    over = Math.max(over, scheduler.now() + pick(faults)());
  };
  const count = Math.floor(between(0, 5));
  for (let index = 0; index < count; index++) {
    pending++;
    const delay = chance(0.3) ? 0 : between(0, 6);
    // At most one for each act; another one comes at a time.
    const act = Math.ceil(between(0, 24));
    if (chance(0.7) && !atActivity.has(act)) atActivity.set(act, () => scheduler.after(delay, undefined, strike));
    else scheduler.after(between(0, 6_000), undefined, strike);
  }
  activity.then = (number) => {
    atActivity.get(number)?.();
    atActivity.delete(number);
  };
  // A fault that waits for an act that never comes is no reason to wait.
  return () => (pending > atActivity.size ? Infinity : over);
}

/** Each strikes when it is called, and answers how many virtual ms it lasts. */
function faultsOf(targets: FaultTargets): (() => number)[] {
  const { scheduler, broker, producerDatabase, consumerDatabase, relays, deliveries, note } = targets;
  const { between, chance, pick } = scheduler;
  const processes = [...relays, ...deliveries];
  const firstRetryQueues = () => broker.queues().filter(({ name }) => name.endsWith(".retry.1s"));
  const jobQueues = () => broker.queues().filter(({ name }) => name.endsWith(".queue"));

  /** Mostly short: what outlasts every timeout is one of many cases, and takes the longest to simulate. */
  function forSome(min: number, max: number, strike: (ms: number) => void): number {
    const ms = between(min, chance(0.75) ? Math.min(max, 3_000) : max);
    strike(ms);
    return ms;
  }

  return [
    () => forSome(200, 3_000, pick(deliveries).crash),
    () => forSome(200, 3_000, pick(relays).crash),
    () => forSome(100, 30_000, pick(processes).stop),
    () => {
      const { name, running } = pick(processes);
      note(`${name} loses its connections to the database`);
      running()?.cutDatabase();
      return 0;
    },
    () => {
      const { name, running } = pick(processes);
      note(`${name} loses a connection to the broker`);
      running()?.cutBroker();
      return 0;
    },
    () =>
      forSome(500, 40_000, (ms) => {
        const { name, running } = pick(processes);
        note(`${name} and its database don't hear each other for ${ms.toFixed(0)} ms`);
        running()?.silenceDatabase(ms);
      }),
    () =>
      forSome(500, 40_000, (ms) => {
        const { name, running } = pick(processes);
        note(`${name} and the broker don't hear each other for ${ms.toFixed(0)} ms`);
        running()?.silenceBroker(ms);
      }),
    () =>
      forSome(200, 3_000, (ms) => {
        const isProducers = chance(0.5);
        note(`the ${isProducers ? "producer" : "consumer"}'s database crashes`);
        (isProducers ? producerDatabase : consumerDatabase).crash(ms);
        (isProducers ? relays : deliveries).forEach(({ running }) => running()?.cutDatabase());
      }),
    () => {
      note("the broker crashes");
      processes.forEach(({ running }) => running()?.cutBroker());
      return 0;
    },
    () =>
      forSome(500, 15_000, (ms) => {
        const queue = chance(0.7) ? pick(jobQueues()) : pick(firstRetryQueues());
        note(`${queue.name} is full for ${ms.toFixed(0)} ms`);
        queue.maxLength = 0;
        scheduler.after(ms, undefined, () => (queue.maxLength = Infinity));
        // Nothing would come to a retry queue without something that fails meanwhile.
        if (queue.name.endsWith(".queue")) return;
        note("and the database deadlocks meanwhile");
        consumerDatabase.setDeadlocks(300);
        scheduler.after(ms, undefined, () => consumerDatabase.setDeadlocks(0));
      }),
    () =>
      forSome(500, 10_000, (ms) => {
        note(`the bindings are gone for ${ms.toFixed(0)} ms`);
        broker.unbind(ms);
      }),
    () => {
      const queue = pick(jobQueues());
      note(`${queue.name} has its first message twice`);
      broker.duplicate(queue);
      return 0;
    },
    () => {
      const queue = pick(jobQueues());
      note(`the first message of ${queue.name} goes to its end`);
      broker.moveToTheEnd(queue);
      return 0;
    },
    () =>
      forSome(500, 5_000, (ms) => {
        note(`deadlocks for ${ms.toFixed(0)} ms`);
        consumerDatabase.setDeadlocks(300);
        scheduler.after(ms, undefined, () => consumerDatabase.setDeadlocks(0));
      }),
  ];
}
