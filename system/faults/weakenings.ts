import { type Weakening, weakenings as simulated } from "../simulation/weakenings.ts";

export interface FoundBy extends Weakening {
  /** Those of the catalogue that have to turn red with it. */
  faults: readonly string[];
}

/** Of those that the simulation plants, the ones that can be seen from outside. */
const alsoSimulated: Record<string, readonly string[]> = {
  "no-inbox": ["consumer-killed-before-ack"],
  "inbox-outside-of-the-transaction": ["consumer-killed-before-commit"],
  "ack-before-commit": ["consumer-killed-before-commit"],
  "lost-commit-taken-for-done": ["postgres-killed"],
  "confirm-not-awaited": ["requests-lost"],
  "return-not-checked": ["nothing-bound"],
  "nack-not-checked": ["queues-full"],
  "lost-channel-taken-for-confirmed": ["requests-lost"],
  "timeout-taken-for-confirmed": ["requests-lost-for-long"],
};

/** Each takes a guarantee out of a service's own code; the oracle has to notice every one. */
export const weakenings: readonly FoundBy[] = [
  ...Object.entries(alsoSimulated).map(([name, faults]) => ({
    ...simulated.find((one) => one.name === name)!,
    faults,
  })),
  {
    name: "not-mandatory",
    file: "producer/src/outbox/to-message.ts",
    from: "mandatory: true",
    to: "mandatory: false",
    faults: ["nothing-bound"],
  },
  {
    name: "event-outside-of-the-transaction",
    file: "producer/src/postgres/command-path.ts",
    from: "deps.appendEvent(tx, store.type",
    to: "deps.appendEvent(deps.sql as unknown as Tx, store.type",
    faults: ["none"],
  },
  {
    name: "idempotency-key-not-looked-up",
    file: "producer/src/postgres/command-path.ts",
    from: "if (first) return { answer: first, replayed: true };\n\n    const current",
    to: "void first;\n\n    const current",
    faults: ["api-answers-cut"],
  },
  {
    name: "lease-of-a-dead-relay-never-ends",
    file: "producer/src/outbox/leadership.ts",
    from: "return nowMs() - seen.since < leaseMs;",
    to: "return true;",
    faults: ["producer-killed-before-publish"],
  },
  {
    name: "lost-lease-of-a-send-not-fenced",
    file: "consumer/src/jobs/notifications/interrupted-sends.ts",
    from: "else 'unknown' end,",
    to: "else 'pending' end,",
    faults: ["consumer-killed-before-sent"],
  },
  {
    name: "start-of-a-send-not-noted",
    file: "consumer/src/jobs/notifications/send-ledger.ts",
    from: "update sends set held = false, envelope",
    to: "update sends set held = true, envelope",
    faults: ["consumer-killed-before-sent"],
  },
  {
    name: "perhaps-taken-sent-again",
    file: "consumer/src/jobs/notifications/sender.ts",
    from: `return { state: "unknown", reason: handOver.reason };`,
    to: "return { ...putOff(500, handOver.reason), attempts: send.attempts };",
    faults: ["connections-cut"],
  },
  {
    name: "lease-of-a-send-never-ends",
    file: "consumer/src/jobs/notifications/interrupted-sends.ts",
    from: "where state = 'sending' and ${leaseIsOver}",
    to: "where state = 'sending' and false",
    faults: ["mail-server-silent-and-consumer-killed"],
  },
  {
    name: "lease-of-a-calendar-entry-never-ends",
    file: "consumer/src/jobs/calendar/calendar-intents.ts",
    from: "(leased_until is null or leased_until < now())",
    to: "leased_until is null",
    faults: ["consumer-killed-before-commit"],
  },
  {
    name: "missed-events-not-fetched",
    file: "consumer/src/replay/catch-up.ts",
    from: "if (missing.length === 0) {",
    to: "if (missing.length >= 0) {",
    faults: ["all-queues-deleted"],
  },
  {
    name: "headers-not-guarded",
    file: "consumer/src/broker/readable-headers.ts",
    from: "receiver.rest = withReadableHeaders(receiver.rest);",
    to: "",
    faults: ["poison"],
  },
  {
    name: "poison-left-to-the-broker",
    file: "consumer/src/delivery/wrappers/identified.ts",
    from: "if (error instanceof PermanentError) return error;\n    throw error;",
    to: "throw error;",
    faults: ["poison"],
  },
];
