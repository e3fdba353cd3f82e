import type { Drill } from "./drill.ts";

const drills: Drill[] = [
  {
    name: "mail-server-refuses",
    symptom: /smtp refuses us \(rejected\)/,
    runbook: "refusing-dependency.md",
    cause: /550 5\.7\.1 relaying denied/,
  },
  {
    name: "certificate-expired",
    symptom: /smtp refuses us \(tls\)/,
    runbook: "expired-certificate.md",
    cause: /certificate has expired[^]*notAfter=/,
  },
  {
    name: "queue-full",
    symptom: /apt\.created\.queue holds \d+ of 10000 messages/,
    runbook: "full-queues.md",
    cause: /No process runs analytics/,
  },
  {
    name: "poison",
    symptom: /5 dead letters of /,
    runbook: "dead-letters.md",
    cause: /reason +not-json[^]*no JSON/,
  },
  {
    name: "calendar-conflict",
    symptom: /calendar: 1 was changed by somebody else/,
    runbook: "calendar-conflicts.md",
    cause: /^[0-9a-f-]{36} +dr-lovelace +conflict /m,
  },
  {
    name: "relay-stopped",
    symptom: /The producer has not published for /,
    runbook: "stopped-relay.md",
    cause: /^\d+ +producer +forgotten console +idle in transaction .*relay_lease/m,
  },
  {
    name: "broker-away",
    symptom: /RabbitMQ does not answer: /,
    runbook: "broker-loss.md",
    cause: /SIGTERM received - shutting down/,
  },
  {
    name: "database-slow",
    symptom: /The session \d+ of consumer \(forgotten console\) keeps \d+ statements? of PostgreSQL waiting/,
    runbook: "slow-database.md",
    cause: /^\d+ +consumer +forgotten console +idle in transaction /m,
  },
  {
    name: "clock-wrong",
    symptom: /The clock of the consumer's process [0-9a-f]{8} is 1\.0 h behind PostgreSQL's/,
    runbook: "wrong-clock.md",
    cause: /UTC/,
  },
  {
    name: "disk-full",
    symptom: /The producer's database is read-only: .*No space left on device/,
    runbook: "read-only-database.md",
    cause: /100% .*small-disk[^]*ballast/,
    answers: 503,
  },
];

export function drillsOf(...names: string[]): Drill[] {
  return drills.filter(({ name }) => names.length === 0 || names.includes(name));
}
