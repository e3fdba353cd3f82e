/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { StepState } from "../../timeline/timeline.ts";

const words: Record<StepState, string> = {
  done: "done",
  waiting: "waiting",
  planned: "planned",
  stuck: "stuck",
  failed: "needs a person",
  unknown: "unknown",
  void: "void",
};

const signs: Record<StepState, string> = {
  done: "✓",
  waiting: "…",
  planned: "◷",
  stuck: "!",
  failed: "✕",
  unknown: "?",
  void: "–",
};

/** Never by its colour alone. */
export function StateMark({ state }: { state: StepState }) {
  return (
    <span class={`mark ${state}`}>
      <span aria-hidden="true">{signs[state]}</span>
      {` ${words[state]}`}
    </span>
  );
}
