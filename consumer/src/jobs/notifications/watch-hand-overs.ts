import type { DependencyWatch } from "../../outgoing/dependency-watch.ts";
import type { HandOver } from "./hand-over.ts";

/**
 * Tells the watch what came of each hand-over. Where every message is rejected, the messages are not at fault: they
 * wait until somebody has repaired it, instead of failing one after the other.
 */
export function watchHandOvers<Message>(
  send: (message: Message) => Promise<HandOver>,
  recipientOf: (message: Message) => string,
  watch: DependencyWatch,
): (message: Message) => Promise<HandOver> {
  return async (message) => {
    const handOver = await send(message);
    switch (handOver.kind) {
      case "accepted":
      case "deferred":
        watch.took();
        return handOver;
      case "rejected":
        return watch.rejected(recipientOf(message))
          ? { kind: "unavailable", reason: handOver.reason, refusal: "rejected" }
          : handOver;
      case "unavailable":
        if (handOver.refusal) watch.refused(handOver.refusal);
        return handOver;
      case "unknown":
        return handOver;
    }
  };
}
