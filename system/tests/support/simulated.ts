import { createScheduler, type Scheduler } from "../../simulation/scheduler.ts";
import { inVirtualTime } from "../../simulation/virtual-time.ts";

/** Runs a scenario against models, in virtual time, until it has come to its end. */
export function simulated<Result>(scenario: (scheduler: Scheduler) => Promise<Result>, seed = 1): Promise<Result> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      const scheduler = createScheduler(seed);
      let over = false;
      const owner = { name: "scenario", alive: true, stoppedUntil: 0 };
      try {
        inVirtualTime(scheduler, () => {
          scheduler.runAs(owner, () => {
            scenario(scheduler).then(resolve, reject).finally(() => (over = true));
          });
          while (!over && scheduler.now() < 600_000 && scheduler.step());
        });
      } catch (error) {
        reject(error);
      }
      if (!over) reject(new Error("The scenario came to no end in ten minutes of the model"));
    });
  });
}
