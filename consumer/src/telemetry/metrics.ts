import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * The consumer's metrics; the gauges are filled when somebody asks for them. The label of a job is `consumer_job`:
 * `job` is Prometheus' own for what it scrapes, and ours would reach the rules as `exported_job`.
 */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    consumed: new Counter({
      name: "events_consumed_total",
      help: "Deliveries that a job finished, by outcome",
      labelNames: ["consumer_job", "event", "outcome"],
      registers,
    }),
    duplicates: new Counter({
      name: "events_duplicate_total",
      help: "Deliveries of an event that the job had processed before",
      labelNames: ["consumer_job"],
      registers,
    }),
    retried: new Counter({
      name: "events_retried_total",
      help: "Failed deliveries put into a retry queue",
      labelNames: ["consumer_job", "delay"],
      registers,
    }),
    waited: new Counter({
      name: "events_waited_total",
      help: "Deliveries delayed until their predecessor or doctor is known; they use up no attempt",
      labelNames: ["consumer_job"],
      registers,
    }),
    deadLettered: new Counter({
      name: "events_dead_lettered_total",
      help: "Deliveries put into a dead-letter queue",
      labelNames: ["consumer_job", "reason"],
      registers,
    }),
    topologyRestored: new Counter({
      name: "topology_restored_total",
      help: "Exchanges and queues that were missing at the broker and have been declared again",
      labelNames: ["what"],
      registers,
    }),
    missed: new Counter({
      name: "events_missed_total",
      help: "Events of the producer's archive that a job had missed and that were published to its queue again",
      labelNames: ["consumer_job"],
      registers,
    }),
    handleSeconds: new Histogram({
      name: "event_handle_seconds",
      help: "Time from taking an event to the commit of its effect",
      labelNames: ["consumer_job"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers,
    }),
    queueMessages: new Gauge({
      name: "queue_messages",
      help: "Ready messages of a queue, as the broker says",
      labelNames: ["consumer_job", "queue", "kind"],
      registers,
    }),
    notifications: new Counter({
      name: "notifications_total",
      help: "Mails and text messages by what came of them: sent, failed or unknown",
      labelNames: ["channel", "template", "state"],
      registers,
    }),
    notificationDelay: new Histogram({
      name: "notification_delay_seconds",
      help: "From the event, at the producer, until the server for mail or text messages took what it says",
      labelNames: ["channel", "template"],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200],
      registers,
    }),
    mailReceipts: new Counter({
      name: "mail_receipts_total",
      help: "Notifications of mails' delivery by what they told; unmatched speak of no send, unreadable can't be read",
      labelNames: ["word"],
      registers,
    }),
    intents: new Gauge({
      name: "intents",
      help: "Intents (sends, calendar entries) that are not carried out yet, by state",
      labelNames: ["sender", "state"],
      registers,
    }),
    intentAge: new Gauge({
      name: "intent_oldest_age_seconds",
      help: "How long the oldest intent of a sender has waited to be carried out",
      labelNames: ["sender"],
      registers,
    }),
    dependencyRefusing: new Gauge({
      name: "dependency_refusing",
      help: "1 while a dependency refuses us by configuration: TLS, authentication, or all that it is handed",
      labelNames: ["dependency", "refusal"],
      registers,
    }),
    deadLetters: new Gauge({
      name: "dead_letters",
      help: "Stored dead letters that nobody has replayed or discarded",
      labelNames: ["consumer_job", "reason"],
      registers,
    }),
    auditProblems: new Gauge({
      name: "audit_problems",
      help: "What the last verification of the audit trail found broken; 0 as well before the first one",
      registers,
    }),
    auditVerified: new Gauge({
      name: "audit_verified_timestamp_seconds",
      help: "When the audit trail was verified last, once a day; 0 before the first time",
      registers,
    }),
    auditUnsigned: new Gauge({
      name: "audit_unsigned_rows",
      help: "Sealed rows of the audit trail that no checkpoint covers",
      registers,
    }),
    auditWaiting: new Gauge({
      name: "audit_seal_waiting_seconds",
      help: "How long the oldest row of the audit trail has been seen waiting for its seal and its checkpoint",
      registers,
    }),
    auditUncosigned: new Gauge({
      name: "audit_witness_waiting_seconds",
      help: "How long a checkpoint of the audit trail has waited for the witness' cosignature; 0 without a witness",
      registers,
    }),
    auditRefused: new Gauge({
      name: "audit_witness_refusing",
      help: "1 while the witness refuses the audit trail as another history than the one that it has cosigned",
      registers,
    }),
    differences: new Gauge({
      name: "reconcile_differences",
      help:
        "Differences from the producer's archive that the last comparison by the clock (RECONCILE_AT) left unmended",
      registers,
    }),
    unasked: new Gauge({
      name: "reconcile_failures",
      help: "What the last comparison by the clock could not ask, such as the calendars' server",
      registers,
    }),
    dependencyUp: new Gauge({
      name: "dependency_up",
      help:
        "What /readyz says of the database, the broker, the topology, the reading of queues and patients' keys: 0 where one is down",
      labelNames: ["dependency"],
      registers,
    }),
    collectionFailed: new Gauge({
      name: "metrics_collection_failed",
      help: "1 when RabbitMQ or PostgreSQL did not answer for gauges, which are then left out",
      labelNames: ["source"],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
