import { afterError, afterWait, type FailurePolicy } from "../failure-policy.ts";
import type { JobResult } from "../job-transaction.ts";
import type { Concluded, Handle } from "./delivery.ts";

/** Says where a message goes that failed or that waits: the next delay, or the dead letters. */
export function judged(policy: FailurePolicy, now: () => Date) {
  return (next: Handle<JobResult>): Handle<Concluded> => async (delivery) => {
    const { message: { properties: { headers } }, gone } = delivery;
    try {
      const result = await next(delivery);
      return result.kind === "wait" ? afterWait(result.reason, headers, now(), policy) : result;
    } catch (error) {
      gone.throwIfAborted();
      return afterError(error, headers, now(), policy);
    }
  };
}
