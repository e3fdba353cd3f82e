import type { BrokerObserver, ModelMessage, ModelQueue } from "./model/broker.ts";
import type { Broker } from "./model/broker.ts";
import type { Database } from "./model/database.ts";
import type { InboxRow, OutcomeRow, VisitRow } from "./model/delivery-statements.ts";
import type { OutboxEvent, RelayObserver } from "./model/relay-statements.ts";
import { leaseMs } from "./relay-process.ts";
import { startsAt } from "./workload.ts";

/** A broken promise; the first one ends its schedule. */
export class Finding extends Error {
  override name = "Finding";
}

const jobs = { "apt.availability.queue": "availability", "apt.created.queue": "analytics" } as const;
const jobOf = (queue: string) => (jobs as Record<string, string>)[queue];
const queuesFor = ({ eventName }: OutboxEvent) =>
  eventName === "appointment.created" ? Object.keys(jobs) : ["apt.availability.queue"];
const idOf = (message: ModelMessage) => String(message.properties["messageId"]);

/** Watches the models while a schedule runs, and holds what is left at its end against what was committed. */
export function createInvariants(now: () => number) {
  const committed: OutboxEvent[] = [];
  /** Which queues have had an event. */
  const reached = new Map<string, Set<string>>();
  let lastBeat = -Infinity;
  let broken: Finding | undefined;
  let broker: Broker;
  let consumerDatabase: Database;

  function find(what: string): void {
    broken ??= new Finding(`at ${now().toFixed(3)} ms: ${what}`);
  }
  const nameOf = ({ eventId, aggregateVersion }: OutboxEvent) =>
    `event ${eventId.slice(-2)} (version ${aggregateVersion})`;
  const byId = (id: string) => committed.find(({ eventId }) => eventId === id);

  const ofBroker: BrokerObserver = {
    enqueued(queue, message) {
      const event = byId(idOf(message));
      if (!event) return find(`${queue} got an event that was never committed`);
      const before = reached.get(event.eventId) ?? new Set<string>();
      reached.set(event.eventId, before);
      if (before.has(queue)) return;
      before.add(queue);
      if (!jobOf(queue)) return;
      const overtaken = committed.find((other) =>
        other.aggregateId === event.aggregateId && other.aggregateVersion < event.aggregateVersion &&
        queuesFor(other).includes(queue) && !reached.get(other.eventId)?.has(queue)
      );
      if (overtaken) find(`${queue} got ${nameOf(event)} before ${nameOf(overtaken)}`);
    },
    acknowledged({ name, ready, unacked }: ModelQueue, message) {
      const job = jobOf(name);
      if (!job) return;
      const id = idOf(message);
      if (consumerDatabase.view.get<InboxRow>(`inbox:${job}:${id}`)) return;
      const stem = name.replace(/queue$/, "");
      const others = broker.queues().filter((queue) => queue.name !== name && queue.name.startsWith(stem));
      const copies = [...ready, ...unacked, ...others.flatMap((queue) => [...queue.ready, ...queue.unacked])];
      if (copies.some((copy) => idOf(copy.message) === id)) return;
      find(`${name} was told that event ${id.slice(-2)} is done before anything of it was durable`);
    },
  };

  const ofRelay: RelayObserver = {
    now,
    wrote(what, term, lease, events) {
      if (term !== lease.term) find(`the relay of term ${term} was let write (${what}) in term ${lease.term}`);
      if (what !== "archive") return;
      for (const event of events) {
        const missing = queuesFor(event).find((queue) => !reached.get(event.eventId)?.has(queue));
        if (missing) find(`${nameOf(event)} left the outbox, but never came to ${missing}`);
      }
    },
    beat: () => (lastBeat = now()),
    taken({ holder, term }) {
      const age = now() - lastBeat;
      if (holder !== null && age < leaseMs) {
        find(`term ${term} was ended ${age.toFixed(0)} ms after a beat of ${holder}`);
      }
      lastBeat = now();
    },
  };

  function checkEnd(): void {
    const outcomes = consumerDatabase.view.committed<OutcomeRow>("outcome:");
    for (const event of committed) {
      for (const queue of queuesFor(event)) {
        const job = jobOf(queue)!;
        const effects = outcomes.filter((row) => row.job === job && row.eventKey === event.eventId).length;
        const reasons = broker.queue(queue.replace(/queue$/, "dlq")).ready
          .filter(({ message }) => idOf(message) === event.eventId)
          .map(({ message }) => String(message.properties.headers?.["x-reason"]));
        const foreign = reasons.find((reason) => reason !== "crashed-process");
        if (foreign) find(`${nameOf(event)} was dead-lettered by ${job} for ${foreign}`);
        if (effects > 1) find(`${nameOf(event)} took effect ${effects} times in ${job}`);
        if (effects === 0 && reasons.length === 0) find(`${nameOf(event)} never took effect in ${job}`);
      }
    }
    for (const aggregateId of new Set(committed.map((event) => event.aggregateId))) {
      const applied = committed.filter((event) =>
        event.aggregateId === aggregateId &&
        outcomes.some((row) => row.job === "availability" && row.eventKey === event.eventId)
      );
      const last = Math.max(...applied.map((event) => event.aggregateVersion));
      const visit = consumerDatabase.view.get<VisitRow>(`visit:${aggregateId}`);
      if (applied.length > 0 && (visit?.startsAt as Date | undefined)?.getTime() !== startsAt(last).getTime()) {
        find(`the visit ${aggregateId.slice(-2)} does not stand where its version ${last} put it`);
      }
    }
  }

  return {
    ofBroker,
    ofRelay,
    find,
    broken: () => broken,
    watch: (models: { broker: Broker; consumerDatabase: Database }) => ({ broker, consumerDatabase } = models),
    committed: (event: OutboxEvent) => void committed.push(event),
    checkEnd,
  };
}
