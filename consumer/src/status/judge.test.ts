import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import type { Observations, QueueStatus } from "./status.ts";

const takenAt = new Date("2026-11-23T08:00:00Z");
const queue: QueueStatus = {
  job: "audit",
  queue: "apt.audit.queue",
  ready: 0,
  limit: 100,
  delayed: 0,
  dead: 0,
  oldestAgeSeconds: null,
  perMinute: 3,
};
const process = {
  id: "one",
  startedAt: "2026-11-23T07:00:00Z",
  seenAt: "2026-11-23T07:59:50Z",
  seenSecondsAgo: 10,
  jobs: ["audit"],
  state: { breakers: {}, refusals: {}, oldestAgeSeconds: {} },
};
const well: Observations = {
  takenAt,
  database: { up: true },
  broker: { up: true },
  queues: [queue],
  outbox: { kind: "known", pending: 0, isMore: false, oldestAgeSeconds: 0 },
  intents: [],
  deadLetters: [],
  reminders: { waiting: 3, overdue: 0, nextAt: null },
  seals: { waiting: 1, oldestAgeSeconds: 1, position: 9 },
  processes: [process],
  impairments: [],
  lockHolders: [],
  clocks: [{ whose: "the producer", aheadSeconds: -1 }],
};
const noRoom = { whose: "producer", dependency: "database", state: "read-only", reason: "No space left" } as const;
const holder = {
  pid: 7,
  user: "consumer",
  application: "psql",
  state: "idle in transaction",
  forSeconds: 65,
  waiting: 2,
  statement: "insert into inbox",
};
const intent = (state: string, ageSeconds = 5) => ({ sender: "notifications-email", state, count: 2, ageSeconds });

test("nothing is wrong", () => {
  expect(judge(well)).toMatchObject({
    colour: "green",
    sentence: "Nothing is wrong.",
    needsPerson: false,
    problems: [],
  });
  expect(judge({ ...well, outbox: { kind: "unknown", reason: "PRODUCER_OPS_URL is not set" } }).colour).toBe("green");
  expect(judge({ ...well, intents: [intent("pending"), intent("sending")] }).colour).toBe("green");
});

test.each<[string, Partial<Observations>]>([
  ["an open breaker", { processes: [{ ...process, state: { ...process.state, breakers: { calendar: true } } }] }],
  ["a queue that is nearly full", { queues: [{ ...queue, ready: 80 }] }],
  ["an event that is late", { queues: [{ ...queue, oldestAgeSeconds: 61 }] }],
  ["an event that is late for longer, and is retried", { queues: [{ ...queue, oldestAgeSeconds: 6_000, delayed: 1 }] }],
  ["an outbox that is late", { outbox: { kind: "known", pending: 1, isMore: false, oldestAgeSeconds: 61 } }],
  ["a send that is late", { intents: [intent("pending", 61)] }],
  ["a reminder that is overdue", { reminders: { waiting: 1, overdue: 1, nextAt: null } }],
  ["a seal that is late", { seals: { waiting: 5, oldestAgeSeconds: 61, position: 1 } }],
])("%s should mend itself", (_, wrong) => {
  expect(judge({ ...well, ...wrong })).toMatchObject({ colour: "amber", needsPerson: false });
});

test.each<[string, Partial<Observations>]>([
  ["a database that is away", { database: { up: false, reason: "ECONNREFUSED" } }],
  ["a broker that is away", { broker: { up: false, reason: "ECONNREFUSED" } }],
  ["a job that no process runs", { processes: [] }],
  ["a job whose process is silent", { processes: [{ ...process, seenSecondsAgo: 120 }] }],
  ["a refusal", { processes: [{ ...process, state: { ...process.state, refusals: { smtp: "authentication" } } }] }],
  ["a full queue", { queues: [{ ...queue, ready: 100 }] }],
  ["an event that nobody takes", { queues: [{ ...queue, oldestAgeSeconds: 601 }] }],
  ["an outbox that nobody empties", { outbox: { kind: "known", pending: 1, isMore: true, oldestAgeSeconds: 601 } }],
  ["a send that nobody takes", { intents: [intent("pending", 601)] }],
  ["a failed send", { intents: [intent("failed")] }],
  ["an unknown send", { intents: [intent("unknown")] }],
  ["a conflict in a calendar", { intents: [{ ...intent("conflict"), sender: "calendar" }] }],
  ["a producer that can write nothing", { impairments: [noRoom] }],
  ["a session that keeps others waiting", { lockHolders: [holder] }],
  ["a clock that is behind", { clocks: [{ whose: "the producer", aheadSeconds: -3_600 }] }],
  ["a clock that is ahead", { clocks: [{ whose: "the producer", aheadSeconds: 60 }] }],
  ["a dead letter", { deadLetters: [{ job: "audit", reason: "gap", count: 1 }] }],
])("%s needs a person", (_, wrong) => {
  expect(judge({ ...well, ...wrong })).toMatchObject({ colour: "red", needsPerson: true });
});

test("the sentence is about the most urgent, and counts the others", () => {
  const overdue = { waiting: 1, overdue: 1, nextAt: null };
  const { sentence, problems } = judge({
    ...well,
    reminders: overdue,
    deadLetters: [{ job: "audit", reason: "gap", count: 2 }],
  });
  expect(sentence).toBe("2 dead letters of audit, and 1 more.");
  expect(problems.map(({ colour }) => colour)).toEqual(["red", "amber"]);
});

test("each problem leads to a runbook that there is, by what made it", () => {
  const all: [Partial<Observations>, string, string][] = [
    [
      { lockHolders: [holder] },
      "The session 7 of consumer (psql) keeps 2 statements of PostgreSQL waiting for 1 min 5 s",
      "slow-database",
    ],
    [{ impairments: [noRoom] }, "The producer's database is read-only: No space left", "read-only-database"],
    [
      { clocks: [{ whose: "the producer", aheadSeconds: -3_600 }] },
      "The clock of the producer is 1.0 h behind PostgreSQL's",
      "wrong-clock",
    ],
    [{ broker: { up: false, reason: "ECONNREFUSED" } }, "RabbitMQ does not answer: ECONNREFUSED", "broker-loss"],
    [
      { intents: [{ ...intent("conflict"), sender: "calendar" }] },
      "calendar: 2 was changed by somebody else",
      "calendar-conflicts",
    ],
    [
      { outbox: { kind: "known", pending: 1, isMore: false, oldestAgeSeconds: 61 } },
      "The producer has not published for 1 min 1 s",
      "stopped-relay",
    ],
  ];
  for (const [wrong, what, runbook] of all) {
    const { problems: [first] } = judge({ ...well, ...wrong });
    expect(first).toMatchObject({ what: expect.stringContaining(what), todo: `docs/operate/${runbook}.md` });
  }
});

test("what is away for everybody is told once", () => {
  const broker = { up: false, reason: "ECONNREFUSED" };
  const impairment = { ...noRoom, dependency: "broker", state: "down", reason: "no connection" } as const;
  expect(judge({ ...well, broker, impairments: [impairment] }).problems).toHaveLength(1);
});
