import { Buffer } from "node:buffer";
import process from "node:process";
import type { Delivered } from "./message.ts";
import type { JobResult } from "./job-transaction.ts";

/** A message on its way into a process of its own. */
export interface Question {
  /** In base64. */
  content: string;
  properties: Delivered["properties"];
  /** By which its intents continue the trace of the attempt. */
  traceparent?: string | undefined;
}

/** What such a process says: `ready` before it is given the message, `alive` as long as its event loop turns. */
export type Said = { kind: "ready" | "alive" | "failed" } | { kind: "done"; result: JobResult };

const aliveEveryMs = 500;

/**
 * Runs one message for the process that started this one, and says what came of it. An error is not told: the other
 * process meets it again, and knows what to do with it.
 */
export function serveApart(run: (message: Delivered, traceparent: string | undefined) => Promise<JobResult>): void {
  const say = (said: Said) => process.send!(said);
  // Sent to a whole group by whoever stops the service: the message has nothing to do with it.
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => {});
  // Answered, or the other process is gone.
  process.on("disconnect", () => process.exit());
  setInterval(() => say({ kind: "alive" }), aliveEveryMs);
  process.once("message", ({ content, properties, traceparent }: Question) => {
    run({ content: Buffer.from(content, "base64"), properties }, traceparent)
      .then((result) => say({ kind: "done", result }), () => say({ kind: "failed" }));
  });
  say({ kind: "ready" });
}
