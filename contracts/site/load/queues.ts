import { project } from "../../src/project.ts";
import { describeDelay } from "../../template/src/topology.mjs";
import type { JobPage } from "./model.ts";

/** A queue as the consumer declares it. */
export interface DeclaredQueue {
  name: string;
  arguments: Record<string, string | number>;
}

/** The delay queues of a job in their order, as the generated topology has them. */
export function retryQueues({ queue, settings }: Pick<JobPage, "queue" | "settings">): DeclaredQueue[] {
  const { stem, retry } = settings;
  return retry.delays.map((delay) => {
    const described = describeDelay(delay, project.queuePrefix + stem, queue, retry.exchange);
    return { name: described.queue, arguments: described.arguments };
  });
}
