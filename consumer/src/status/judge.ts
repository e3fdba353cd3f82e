import { judgeSurroundings } from "./judge-surroundings.ts";
import { ago, problem } from "./problem.ts";
import type { Colour, Observations, Problem, Status } from "./status.ts";

/** An event, an intent, a reminder or an audit row that has waited for longer is worth a look. */
const lateSeconds = 60;
/** What has not mended itself by then needs somebody. */
const tooLateSeconds = 600;
/** Of a queue's limit. */
const nearlyFull = 0.8;
/** A process tells of itself four times as often. */
const silentSeconds = 60;

function late(seconds: number | null): Problem["colour"] | undefined {
  if (seconds === null || seconds < lateSeconds) return undefined;
  return seconds < tooLateSeconds ? "amber" : "red";
}

const refused: Record<string, string> = {
  tls: "its certificate has expired or isn't trusted, or it speaks no TLS",
  authentication: "it doesn't take our user and password",
  rejected: "it takes nothing from us",
};

function ofProcesses({ processes, database, queues }: Observations): Problem[] {
  if (!database.up) return [];
  const alive = processes.filter(({ seenSecondsAgo }) => seenSecondsAgo < silentSeconds);
  const idle = queues.map(({ job }) => job).filter((job) => !alive.some(({ jobs }) => jobs.includes(job)));
  const nobody = idle.length === 0
    ? []
    : [problem("red", `No process runs ${idle.join(", ")}`, "docs/operate/service-down.md")];
  const open = new Set(
    alive.flatMap(({ state }) => Object.keys(state.breakers).filter((name) => state.breakers[name])),
  );
  const refusals = new Map(alive.flatMap(({ state }) => Object.entries(state.refusals)));
  return [
    ...nobody,
    ...[...open].map((sender) =>
      problem(
        "amber",
        `The sender ${sender} gets no answer and waits before it tries again`,
        "docs/operate/stuck-sends.md",
      )
    ),
    ...[...refusals].map(([dependency, refusal]) =>
      problem(
        "red",
        `${dependency} refuses us (${refusal}): ${refused[refusal] ?? "see its answer"}`,
        refusal === "tls" ? "docs/operate/expired-certificate.md" : "docs/operate/refusing-dependency.md",
      )
    ),
  ];
}

function ofQueues({ queues }: Observations): Problem[] {
  return queues.flatMap(({ job, queue, ready, limit, delayed, oldestAgeSeconds }) => {
    const share = ready / limit;
    const age = late(oldestAgeSeconds);
    return [
      ...(share < nearlyFull ? [] : [
        problem(
          share < 1 ? "amber" : "red",
          `${queue} holds ${ready} of ${limit} messages`,
          "docs/operate/full-queues.md",
        ),
      ]),
      ...(age === undefined ? [] : [
        // A retry queue gives back by itself, and at last to the dead letters.
        problem(
          delayed > 0 ? "amber" : age,
          `An event of ${job} is ${ago(oldestAgeSeconds!)} old`,
          "docs/operate/full-queues.md",
        ),
      ]),
    ];
  });
}

function ofOutbox({ outbox }: Observations): Problem[] {
  if (outbox.kind === "unknown") return [];
  const colour = late(outbox.oldestAgeSeconds);
  if (colour === undefined) return [];
  return [
    problem(
      colour,
      `The producer has not published for ${ago(outbox.oldestAgeSeconds)}`,
      "docs/operate/stopped-relay.md",
    ),
  ];
}

const decisions: Record<string, [string, string]> = {
  failed: ["has failed", "docs/operate/failed-sends.md"],
  unknown: ["may or may not have arrived", "docs/operate/unknown-sends.md"],
  conflict: ["was changed by somebody else", "docs/operate/calendar-conflicts.md"],
};

function ofIntents({ intents }: Observations): Problem[] {
  return intents.flatMap(({ sender, state, count, ageSeconds }) => {
    const [words, runbook] = decisions[state] ?? [];
    const link = sender === "calendar" ? null : "/ops/failures";
    if (words) {
      return [
        problem("red", `${sender}: ${count} ${words}`, runbook, link),
      ];
    }
    const colour = state === "pending" ? late(ageSeconds) : undefined;
    return colour
      ? [
        problem(
          colour,
          `${sender}: the oldest of ${count} has waited ${ago(ageSeconds)}`,
          "docs/operate/stuck-sends.md",
        ),
      ]
      : [];
  });
}

function ofFailures({ deadLetters }: Observations): Problem[] {
  const count = deadLetters.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return [];
  const jobs = [...new Set(deadLetters.map(({ job }) => job))].join(", ");
  return [
    problem(
      "red",
      `${count} dead ${count === 1 ? "letter" : "letters"} of ${jobs}`,
      "docs/operate/dead-letters.md",
      "/ops/failures",
    ),
  ];
}

function ofTimers({ reminders, seals }: Observations): Problem[] {
  const seal = late(seals.oldestAgeSeconds);
  return [
    ...(reminders.overdue === 0 ? [] : [problem("amber", `${reminders.overdue} reminders are overdue`)]),
    ...(seal
      ? [
        problem(
          seal,
          `${seals.waiting} rows of the audit trail have waited ${ago(seals.oldestAgeSeconds)} for their seal`,
        ),
      ]
      : []),
  ];
}

/** Whether anything is wrong, in one sentence and one colour, and what. */
export function judge(observations: Observations): Status {
  const { takenAt, ...observed } = observations;
  const problems = [
    judgeSurroundings,
    ofProcesses,
    ofFailures,
    ofIntents,
    ofQueues,
    ofOutbox,
    ofTimers,
  ]
    .flatMap((look) => look(observations))
    .toSorted((a, b) => a.colour === b.colour ? 0 : a.colour === "red" ? -1 : 1);
  const colour: Colour = problems[0]?.colour ?? "green";
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : "";
  return {
    takenAt: takenAt.toISOString(),
    colour,
    sentence: problems[0] ? `${problems[0].what}${more}.` : "Nothing is wrong.",
    needsPerson: colour === "red",
    problems,
    ...observed,
  };
}
