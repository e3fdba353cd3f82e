import type { Sql } from "postgres";
import type { Publisher } from "../broker/publisher.ts";
import type { Topology } from "../broker/topology.ts";
import { listStoredIds } from "../delivery/dead-letters/dead-letter-store.ts";
import { discardDeadLetter, replayDeadLetter } from "../delivery/dead-letters/replay-dead-letter.ts";
import { listFailed } from "../jobs/notifications/resend-failed.ts";
import { resendSend, SendRefused, settleSend } from "../jobs/notifications/send-operations.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import { settleEach } from "./at-rate.ts";
import { addTask, endTask, type NewTask, noteProgress } from "./task-store.ts";

export interface TasksDependencies {
  sql: Sql;
  publisher: Publisher;
  topology: Topology;
  log: Logger;
  now: () => Date;
  stop: AbortSignal;
}

const noteEveryMs = 200;

/** What somebody wants done to a group of failures goes on after they have their answer; everybody sees how far it is. */
export function createTasks({ sql, publisher, topology, log, now, stop }: TasksDependencies) {
  async function workOf({ kind, action, filter, why, actor }: NewTask) {
    if (kind === "dead-letters") {
      const dependencies = { sql, publisher, topology, now, actor };
      const settle = action === "discard"
        ? (id: string) => discardDeadLetter(dependencies, id, why)
        : (id: string) => replayDeadLetter(dependencies, id, { why });
      return { ids: await listStoredIds(sql, filter), settle };
    }
    const { wanted } = await listFailed(sql, {
      channel: filter.job,
      state: filter.reason as "failed" | "unknown",
      ...(filter.cause !== undefined && { cause: filter.cause }),
      // Whoever gives them up gives up those that nobody waits for, too.
      useful: action === "resend" ? now() : undefined,
    });
    const decide = (id: string) => {
      const decision = { id, actor, now: now(), why };
      if (action === "resend") return resendSend(sql, decision);
      return settleSend(sql, decision, action === "settle-sent" ? "sent" : "not-sent");
    };
    return {
      ids: wanted,
      settle: async (id: string) => {
        try {
          await decide(id);
          return true;
        } catch (error) {
          if (error instanceof SendRefused) return false;
          throw error;
        }
      },
    };
  }

  async function run(id: string, task: NewTask, perSecond: number): Promise<void> {
    const progress = { total: 0, done: 0, missed: 0 };
    let notedAt = -Infinity;
    try {
      const { ids, settle } = await workOf(task);
      progress.total = ids.length;
      await settleEach(ids, settle, {
        perSecond,
        // What is put back keeps its order; decisions have none.
        concurrency: task.action === "replay" ? 1 : 4,
        stop,
        async done(settled) {
          progress[settled ? "done" : "missed"] += 1;
          if (performance.now() - notedAt < noteEveryMs) return;
          notedAt = performance.now();
          await noteProgress(sql, id, progress, now());
        },
      });
      await noteProgress(sql, id, progress, now());
      await endTask(sql, id, stop.aborted ? "stopped" : "done", null, now());
    } catch (error) {
      log.error({ task: id, error: errorText(error) }, "a task ended early");
      await endTask(sql, id, "failed", errorText(error), now()).catch(() => {});
    }
  }

  return {
    /** Answers the task's id at once. */
    async start(task: NewTask, perSecond: number): Promise<string> {
      const id = await addTask(sql, task, now());
      log.info({ task: id, caller: task.actor, action: task.action, ...task.filter }, "task begun");
      run(id, task, perSecond);
      return id;
    },
  };
}

export type Tasks = ReturnType<typeof createTasks>;
