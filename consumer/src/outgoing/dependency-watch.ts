import type { Refusal } from "./refusal.ts";

/** What is known of how a dependency takes what is handed to it; an alert looks at it. */
export interface DependencyWatch {
  /** It took something, or put it off for a reason of its own. */
  took(): void;
  refused(refusal: Refusal): void;
  /**
   * It refused this one thing for good. True when it has refused so many different ones, and taken none between, that
   * the reason is not in them.
   */
  rejected(what: string): boolean;
}

export interface DependencyWatchDependencies {
  /** Told at each change; undefined when nothing is refused. */
  report(refusal: Refusal | undefined): void;
}

/** Two: of a booking's two mails, or of two visits, one alone may be at fault. */
const rejectedInARow = 2;

export function createDependencyWatch({ report }: DependencyWatchDependencies): DependencyWatch {
  const rejected = new Set<string>();
  const refused = (refusal: Refusal) => report(refusal);
  report(undefined);

  return {
    took() {
      rejected.clear();
      report(undefined);
    },
    refused,
    rejected(what) {
      if (rejected.size < rejectedInARow) rejected.add(what);
      if (rejected.size < rejectedInARow) return false;
      refused("rejected");
      return true;
    },
  };
}

/** For whoever doesn't ask. */
export const unwatched: DependencyWatch = { took() {}, refused() {}, rejected: () => false };
