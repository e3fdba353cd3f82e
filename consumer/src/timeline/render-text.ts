import type { EventTimeline, Step, Timeline } from "./timeline.ts";

const marks: Record<Step["state"], string> = {
  done: "ok     ",
  waiting: "waits  ",
  planned: "planned",
  stuck: "STUCK  ",
  failed: "FAILED ",
  unknown: "unknown",
  void: "void   ",
};

/** A time that took less than a day in the unit that people say. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round(ms % 60_000 / 1_000)} s`;
  if (ms < 172_800_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

function stepLines(step: Step): string[] {
  const lag = step.lagMs === null ? "" : `  +${duration(step.lagMs)}`;
  const attempts = step.attempts === null || step.attempts < 2 ? "" : `  ${step.attempts} attempts`;
  const since = step.since === null ? "" : ` since ${step.since}`;
  return [
    `  ${marks[step.state]}  ${step.at ?? "-".padEnd(24)}  ${step.part}: ${step.what}${lag}${attempts}`,
    ...(step.waitsFor === null ? [] : [`           waits for ${step.waitsFor}${since}`]),
    ...(step.detail === null ? [] : [`           ${step.detail}`]),
    ...Object.entries(step.proof).map(([name, value]) => `           ${name}: ${value}`),
  ];
}

function eventLines(event: EventTimeline): string[] {
  const { eventName, version, eventKey, correlationId, traceId, traceUrl, steps } = event;
  return [
    "",
    `${eventName ?? "an event that could not be read"}${version === null ? "" : `, version ${version}`}`,
    `  event ${eventKey}${correlationId === null ? "" : `, request ${correlationId}`}`,
    ...(traceId === null ? [] : [`  trace ${traceUrl ?? traceId}`]),
    ...steps.flatMap(stepLines),
  ];
}

/** For a terminal. */
export function renderText({ id, summary, producerReason, events, later }: Timeline): string[] {
  return [
    `${id}: ${summary}`,
    ...(producerReason === null ? [] : [`producer unknown: ${producerReason}`]),
    ...events.flatMap(eventLines),
    ...(later.length === 0 ? [] : ["", "later", ...later.flatMap(stepLines)]),
  ];
}
