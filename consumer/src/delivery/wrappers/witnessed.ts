import type { JobName } from "../../generated/jobs.ts";
import type { JobResult } from "../job-transaction.ts";
import { PermanentError } from "../permanent-error.ts";
import type { Handle } from "./delivery.ts";
import { read } from "./identified.ts";

/** Runs a suspect message in a process of its own, unread, if an earlier start of it has ended with the process. */
export function witnessed(job: JobName, maxMessageBytes: number) {
  return (next: Handle<JobResult>): Handle<JobResult> => async (delivery) => {
    const { start, message } = delivery;
    if (!start || message.content.length > maxMessageBytes) return await next(delivery);
    const apart = await start.runApart();
    if (apart instanceof PermanentError) throw apart;
    if (!apart) return await next(delivery);
    // It was not read before, not even to say which event it is.
    read(job, delivery, maxMessageBytes);
    return apart;
  };
}
