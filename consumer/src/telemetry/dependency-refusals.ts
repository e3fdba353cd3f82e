import type { Gauge } from "prom-client";
import { createDependencyWatch, type DependencyWatch } from "../outgoing/dependency-watch.ts";
import { type Refusal, refusals } from "../outgoing/refusal.ts";
import type { Logger } from "./logger.ts";

export interface WatchedDependency {
  dependency: string;
  gauge: Gauge<"dependency" | "refusal">;
  log: Logger;
}

/** Watches a dependency for the metric that the alert DependencyRefuses looks at. */
export function watchDependency({ dependency, gauge, log }: WatchedDependency): DependencyWatch {
  let current: Refusal | undefined;

  return createDependencyWatch({
    report(refusal) {
      for (const kind of refusals) gauge.set({ dependency, refusal: kind }, kind === refusal ? 1 : 0);
      if (refusal === current) return;
      if (refusal) log.error({ dependency, refusal }, "dependency refuses us by configuration; retrying does not help");
      else log.info({ dependency }, "dependency no longer refuses us");
      current = refusal;
    },
  });
}
