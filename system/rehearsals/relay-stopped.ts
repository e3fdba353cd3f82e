import type { Rehearsal } from "./rehearsal.ts";
import { holdSession } from "./session-that-holds.ts";

export const relayStopped: Rehearsal = {
  name: "relay-stopped",
  title: "a forgotten session locks the relay's lease, so that no producer publishes",
  notice: "bookings succeed and have no effect: no mail, no calendar entry",
  async cause(scene) {
    const held = await holdSession(scene.stack.producerDatabase, (sql) => sql`SELECT FROM relay_lease FOR UPDATE`);
    await scene.book();
    return held;
  },
  undo: () => Promise.resolve(),
};
