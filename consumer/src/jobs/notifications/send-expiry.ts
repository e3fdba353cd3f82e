import type { Logger } from "pino";
import { createDueTask } from "../../outgoing/due-task.ts";
import type { Worker } from "../../outgoing/worker.ts";
import type { SendLedger } from "./send-ledger.ts";

export interface SendExpiryDependencies {
  ledger: Pick<SendLedger, "expire" | "expiryDueIn">;
  log: Logger;
  /** Called when something is over, which may have held up what is to be said after it. */
  expired(): void;
  audited?: (() => void) | undefined;
}

/** Looks after leases that run out, and after sends that nobody waits for any more. */
export function createSendExpiry({ ledger, log, expired, audited }: SendExpiryDependencies): Worker {
  return createDueTask({
    name: "notifications-expiry",
    log,
    dueIn: ledger.expiryDueIn,
    async attempt() {
      const { unknown, told, dropped, released } = await ledger.expire();
      if (unknown > 0) log.warn({ sends: unknown }, "sends were interrupted and need to be settled");
      if (unknown + told + dropped + released === 0) return "done";
      audited?.();
      expired();
      return "done";
    },
  });
}
