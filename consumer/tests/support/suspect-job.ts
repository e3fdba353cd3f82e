import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../../src/jobs/job.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { applied, testJob } from "./delivery-harness.ts";

const log = createLogger("info");

/** Ways in which a message takes the process down. */
const ends: Partial<Record<string, () => void>> = {
  "poison-killed": () => process.kill(process.pid, "SIGKILL"),
  "poison-aborted": () => process.abort(),
  "poison-uncaught": () =>
    void setImmediate(() => {
      throw new Error("nobody catches this");
    }),
  "poison-memory": () => {
    for (const hoard: number[][] = [];;) hoard.push(new Array<number>(100_000).fill(hoard.length));
  },
  "poison-blocked": () => {
    for (;;);
  },
};

/** A job that the event's doctor decides about: a way in which the process ends, a failure, or `slow-MS`. */
export function suspectJob(): Job {
  return testJob("analytics", async (event, transaction) => {
    const { doctorId } = event.payload;
    const end = ends[doctorId];
    if (end) {
      end();
      await sleep(60_000);
    }
    if (doctorId === "failing") throw new Error("the job fails");
    if (doctorId.startsWith("slow-")) {
      log.info({ eventId: event.eventId, process: process.pid }, "at work");
      await sleep(Number(doctorId.slice("slow-".length)));
    }
    await transaction`insert into effects (event_id) values (${event.eventId})`;
    return applied;
  });
}
