import type { CrashGuard } from "../crash-guard.ts";
import type { Semaphore } from "../semaphore.ts";
import type { Concluded, Handle } from "./delivery.ts";

/**
 * A suspect message may have taken the process down: nobody else is to be blamed if it does so again. Its start is noted
 * before anything reads it. What is given up keeps its note until the dead letter is durable.
 */
export function alone(everyone: Semaphore, guard: CrashGuard) {
  return (next: Handle<Concluded>): Handle<Concluded> => async (delivery) => {
    if (!delivery.isSuspect) return await next(delivery);
    return await everyone.runAlone(async () => {
      const start = delivery.start = await guard(delivery);
      const concluded = await next(delivery);
      if (concluded.kind === "dead-letter") return concluded;
      delivery.start = undefined;
      await start.finish();
      return concluded;
    });
  };
}
