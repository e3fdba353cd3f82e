import type { ConsumeMessage } from "amqplib";
import type { Logger } from "../../telemetry/logger.ts";
import type { GuardedStart } from "../crash-guard.ts";
import type { Verdict } from "../failure-policy.ts";
import type { Identity } from "../identity.ts";
import type { JobResult } from "../job-transaction.ts";
import type { ReceivedEvent } from "../message.ts";
import type { PermanentError } from "../permanent-error.ts";

/** One message on its way through the wrappers. */
export interface Delivery {
  readonly message: ConsumeMessage;
  /** Aborted when the channel is lost, and the message with it. */
  readonly gone: AbortSignal;
  /** The broker has delivered it before: it may have taken a process down, and is read only when its start is noted. */
  readonly isSuspect: boolean;
  identity: Identity;
  /** Its lines say which event it is, also of a message that cannot be read. */
  readonly log: Logger;
  /** By which its intents continue the trace of this attempt; undefined without one. */
  traceparent?: string | undefined;
  /** Undefined until it was read. */
  received?: ReceivedEvent | PermanentError;
  /** Of a suspect one: the note that its start was begun. */
  start?: GuardedStart | undefined;
}

export type Handle<Result> = (delivery: Delivery) => Promise<Result>;

/** What became of a message: the job's answer, or where it has to go because there is none. */
export type Concluded = JobResult | Verdict;

export function isVerdict(concluded: Concluded): concluded is Verdict {
  return concluded.kind === "delay" || concluded.kind === "dead-letter";
}
