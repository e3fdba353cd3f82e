import { expect } from "vitest";
import { noProgress } from "../../src/cli/progress.ts";
import { readConfig } from "../../src/config.ts";
import { dlqCommand } from "../../src/delivery/dead-letters/command.ts";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { listDeadLetters } from "../../src/delivery/dead-letters/dead-letter-store.ts";
import { PermanentError } from "../../src/delivery/permanent-error.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { applied, createDeliveryHarness, settings, testJob } from "./delivery-harness.ts";
import { eventually } from "./eventually.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";

export type DeadLetterDesk = Awaited<ReturnType<typeof createDeadLetterDesk>>;

/** A job that gives up what it does not `accept`, the consumer that stores its dead letters, and the `dlq` command. */
export async function createDeadLetterDesk() {
  const harness = await createDeliveryHarness();
  const { sql } = harness.database;
  const stopped = new AbortController();
  const handled: string[] = [];
  let accept: (eventId: string) => boolean = () => false;
  harness.consume([testJob("analytics", ({ eventId }) => {
    if (!accept(eventId)) return Promise.reject(new PermanentError("not-today", "come back later"));
    handled.push(eventId);
    return Promise.resolve(applied);
  })]);
  const consumer = createDeadLetterConsumer({
    job: "analytics",
    queue: harness.topology.analytics,
    connection: harness.connection,
    maxMessageBytes: settings.maxMessageBytes,
    sql,
    pauses: neverPaused,
    log: createLogger("silent"),
    now: () => new Date(),
  });
  const running = consumer.run(stopped.signal);

  const stored = (settled = false) => listDeadLetters(sql, {}, { settled, limit: 100 });

  return {
    harness,
    /** What the job has done. */
    handled,
    /** Which events the job takes from now on. */
    accept: (which: (eventId: string) => boolean) => void (accept = which),
    stored,
    async storedOnce(body: unknown, properties = {}) {
      await harness.publish(body, properties);
      await eventually(async () => expect(await stored()).toHaveLength(1));
      return (await stored())[0]!;
    },
    /** `consumer dlq …` */
    async run(...args: string[]) {
      const printed: string[] = [];
      const noted: string[] = [];
      const code = await dlqCommand.run(args, {
        config: readConfig({ DATABASE_URL: harness.database.url, AMQP_URL: harness.vhost.amqpUrl, JOBS: "none" }),
        openDatabase: () => sql,
        print: (line) => printed.push(line),
        note: (line) => noted.push(line),
        progress: noProgress,
      });
      return { code, printed, noted };
    },
    /** As if there had been no dead letter, and none accepted. */
    async clear() {
      accept = () => false;
      await sql`delete from dead_letters`;
    },
    async close() {
      stopped.abort();
      await running;
      await harness.close();
    },
  };
}
