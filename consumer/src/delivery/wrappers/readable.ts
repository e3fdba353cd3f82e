import type { JobName } from "../../generated/jobs.ts";
import type { JobResult } from "../job-transaction.ts";
import type { ReceivedEvent } from "../message.ts";
import { PermanentError } from "../permanent-error.ts";
import type { Delivery, Handle } from "./delivery.ts";
import { read } from "./identified.ts";

export type Readable = Delivery & { received: ReceivedEvent };

/** Lets nothing through but events that the job can read. */
export function readable(job: JobName, maxMessageBytes: number) {
  return (next: (delivery: Readable) => Promise<JobResult>): Handle<JobResult> => async (delivery) => {
    const received = read(job, delivery, maxMessageBytes);
    if (received instanceof PermanentError) throw received;
    received.traceparent = delivery.traceparent;
    return await next(delivery as Readable);
  };
}
