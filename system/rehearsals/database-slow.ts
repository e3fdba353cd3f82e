import type { Rehearsal } from "./rehearsal.ts";
import { holdSession } from "./session-that-holds.ts";

export const databaseSlow: Rehearsal = {
  name: "database-slow",
  title: "a forgotten session locks a table of the consumer, so that its statements wait",
  notice: "bookings succeed and have no effect: no mail, no calendar entry",
  async cause(scene) {
    const held = await holdSession(scene.stack.consumerDatabase, (sql) => sql`LOCK TABLE inbox IN SHARE MODE`);
    await scene.book();
    return held;
  },
  undo: () => Promise.resolve(),
};
