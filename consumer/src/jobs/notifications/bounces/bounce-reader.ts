import type { Sql } from "postgres";
import { backoffMs } from "../../../outgoing/backoff.ts";
import type { DependencyWatch } from "../../../outgoing/dependency-watch.ts";
import { createDueTask } from "../../../outgoing/due-task.ts";
import type { Worker } from "../../../outgoing/worker.ts";
import { isOfOneValue } from "../../../postgres/failure-kind.ts";
import { errorText } from "../../../telemetry/error-text.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import { type BounceMailbox, type MailboxMessage, refusalOfMailbox } from "./bounce-mailbox.ts";
import { readDeliveryReport } from "./delivery-report.ts";
import { createMailboxTurns } from "./mailbox-turns.ts";
import { noteDeliveryReport, type NotedReport } from "./note-delivery-report.ts";

/** What came of a mail of the mailbox: of a report that speaks of no send of ours, and of one that can't be read. */
export const reportOutcomes = ["delivered", "undelivered", "taken", "delayed", "unmatched", "unreadable"] as const;

export interface BounceReaderDependencies {
  sql: Sql;
  mailbox: BounceMailbox;
  /** Tells the mailbox from others. */
  name: string;
  everyMs: number;
  /** No turn takes longer; that of a process that was killed is over after twice as long. */
  turnMs: number;
  now: () => Date;
  log: Logger;
  watch: DependencyWatch;
  /** Called for each report; of what was known already not. */
  counted(outcome: (typeof reportOutcomes)[number]): void;
  audited(): void;
}

const maxMessages = 100;
const cooldown = { baseMs: 5_000, capMs: 600_000 };

/**
 * Reads a mailbox for what became of mails. A report that was read again changes nothing, so whoever stops in the middle leaves
 * the rest, and at most one that was done with, to the next turn.
 */
export function createBounceReader(deps: BounceReaderDependencies): Worker {
  const { sql, mailbox, name, everyMs, turnMs, now, log, watch, counted, audited } = deps;
  const maxWaitMs = Math.max(everyMs, cooldown.capMs);
  const turns = createMailboxTurns({ sql, mailbox: name, leaseMs: 2 * turnMs, maxWaitMs, now });
  let failures = 0;
  let stop = new AbortController().signal;

  /** The position is last: whoever is killed before it does the same once more. */
  async function handle({ position, report, markSeen }: MailboxMessage): Promise<void> {
    const noted = report && await note(report, position.lastUid);
    if (noted && noted.length > 0) await markSeen();
    await turns.advance(position);
  }

  async function note(source: Uint8Array, uid: number): Promise<NotedReport[]> {
    const report = await readDeliveryReport(source);
    const noted = report && await sql.begin((transaction) => noteDeliveryReport(transaction, report, now())).catch(
      (error) => {
        if (isOfOneValue(error)) return undefined;
        throw error;
      },
    );
    if (!noted || noted.length === 0) {
      const outcome = noted ? "unmatched" : "unreadable";
      counted(outcome);
      log.warn({ uid, outcome }, "a report of a mail was left in the mailbox");
    }
    for (const { changed, ...told } of noted ?? []) {
      if (!changed && told.word !== "delayed") continue;
      counted(told.word);
      log[told.word === "undelivered" ? "warn" : "info"](told, "receipt of a mail");
      if (changed) audited();
    }
    return noted ?? [];
  }

  const task = createDueTask({
    name: "notifications-bounces",
    log,
    dueIn: turns.dueIn,
    async attempt() {
      const position = await turns.take();
      if (!position) return "done";
      const turn = new AbortController();
      const end = () => turn.abort();
      const timer = setTimeout(end, turnMs);
      stop.addEventListener("abort", end, { once: true });
      try {
        const { more } = await mailbox.read(position, maxMessages, handle, turn.signal);
        failures = 0;
        watch.took();
        await turns.end(more ? 0 : everyMs);
        return more ? "more" : "done";
      } catch (error) {
        if (stop.aborted) {
          await turns.end(0);
          return "done";
        }
        failures += 1;
        const refusal = refusalOfMailbox(error);
        if (refusal) watch.refused(refusal);
        log.warn({ error: errorText(error), ...(refusal && { refusal }) }, "reading the mailbox of bounces failed");
        await turns.end(Math.max(everyMs, backoffMs(failures, cooldown)));
        return "done";
      } finally {
        clearTimeout(timer);
        stop.removeEventListener("abort", end);
      }
    },
  });
  return {
    ...task,
    run(signal) {
      stop = signal;
      return task.run(signal);
    },
  };
}
