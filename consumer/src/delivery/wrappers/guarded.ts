import type { Semaphore } from "../semaphore.ts";
import type { Handle } from "./delivery.ts";

/**
 * A suspect message has its job to itself until all of it is durable, its dead letter included; only then is the note of
 * its start taken away. That the process lived on is what counts, also when the channel was lost.
 */
export function guarded(slots: Semaphore) {
  return (next: Handle<void>): Handle<void> => async (delivery) => {
    if (!delivery.isSuspect) return await next(delivery);
    await slots.runAlone(async () => {
      try {
        await next(delivery);
      } finally {
        await delivery.start?.finish();
      }
    });
  };
}
