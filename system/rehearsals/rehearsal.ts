import type { Scene } from "./scene.ts";

/** An incident that can be brought about on the local system, and taken back whatever a person has mended meanwhile. */
export interface Rehearsal {
  name: string;
  /** What happens, for the list. */
  title: string;
  /** What a person notices first. */
  notice: string;
  /** Why it can't be rehearsed on this machine; undefined where it can. */
  notHere?(): string | undefined;
  /** Resolves when it has happened. Answers how long it has to be held, where it has to be. */
  cause(scene: Scene): Promise<Held | void>;
  /** Safe after the runbook's repair, after a cause that failed half-way, and twice. */
  undo(scene: Scene): Promise<void>;
}

export interface Held {
  /** Resolves when somebody has mended it. */
  mended: Promise<void>;
  /** Lets it go. */
  release(): Promise<void>;
}
