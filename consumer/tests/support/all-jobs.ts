import { expect } from "vitest";
import { noProgress } from "../../src/cli/progress.ts";
import { readConfig } from "../../src/config.ts";
import { dlqCommand } from "../../src/delivery/dead-letters/command.ts";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { modules } from "../../src/jobs/modules.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";
import type { JobName } from "../../src/generated/jobs.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createDeliveryHarness, settings } from "./delivery-harness.ts";
import { eventually } from "./eventually.ts";
import { doctorId, type Told } from "./restored-history.ts";

export type AllJobs = Awaited<ReturnType<typeof startAllJobs>>;

/** All five jobs and the consumers of their dead letters, told of events as the producer tells them. */
export async function startAllJobs() {
  const harness = await createDeliveryHarness();
  const { connection, database: { sql, url } } = harness;
  const stopped = new AbortController();
  const log = createLogger("silent");
  const config = readConfig({
    DATABASE_URL: url,
    AMQP_URL: harness.vhost.amqpUrl,
    SMTP_URL: "smtp://127.0.0.1:1",
    MAIL_FROM: "clinic@clinic.example",
  });
  const jobs = modules.map(({ job }) => job(config));
  harness.consume(jobs);
  const running = (Object.keys(harness.topology) as JobName[]).map((job) => {
    const { maxMessageBytes } = settings;
    const queue = harness.topology[job];
    return createDeadLetterConsumer({
      job,
      queue,
      connection,
      maxMessageBytes,
      sql,
      log,
      now: () => new Date(),
      pauses: neverPaused,
    })
      .run(stopped.signal);
  });

  /** What the jobs have answered to an event; the audit has its rows beside. */
  async function answers(events: Told[]): Promise<string[]> {
    const rows = await sql<{ text: string }[]>`
      select job || ' ' || outcome as text from inbox where event_key in ${sql(ids(events))}
      union all
      select job || ' ' || reason from dead_letters
      where state = 'stored' and event_key in ${sql(ids(events))}
      order by 1`;
    return rows.map(({ text }) => text);
  }
  const ids = (events: Told[]) => events.map(({ eventId }) => eventId);

  async function handledByAll(events: Told[]) {
    const jobs = events.map(({ eventName }) => eventName === "appointment.created" ? 5 : 4);
    const expected = jobs.reduce((sum, count) => sum + count, 0);
    await eventually(async () => expect(await answers(events)).toHaveLength(expected));
  }

  async function namesOfDoctor(): Promise<(string | undefined)[]> {
    const [row] = await sql<{ name: string; zone: string }[]>`
      select name, availability_doctors.time_zone as zone
      from notification_doctors join availability_doctors using (doctor_id) where doctor_id = ${doctorId}`;
    return [row?.name, row?.zone];
  }

  /** Where each job that goes by versions has the visit, and whether it takes place. */
  async function known(appointmentId: string) {
    const [row] = await sql<[Record<"slots" | "calendar" | "entry" | "told" | "contact", string | null>]>`
      select
        (select to_char(starts_at at time zone 'UTC', 'HH24:MI ') || status from availability_visits
          where appointment_id = ${appointmentId}) as slots,
        (select to_char(starts_at at time zone 'UTC', 'HH24:MI ') || case when cancelled then 'cancelled' else 'booked' end
          from calendar_visits where appointment_id = ${appointmentId}) as calendar,
        (select substring(content from 'DTSTART[^T]*T([0-9]{4})') from calendar_intents
          where appointment_id = ${appointmentId}) as entry,
        (select to_char(starts_at at time zone 'UTC', 'HH24:MI ') || status from notification_visits
          where appointment_id = ${appointmentId}) as told,
        (select patient_email from notification_visits where appointment_id = ${appointmentId}) as contact`;
    return row;
  }

  return {
    harness,
    jobs,
    async tell(...events: Told[]) {
      for (const event of events) await harness.publish(event, {}, undefined, event.eventName);
    },
    /** `consumer dlq …`; its exit code. */
    async dlq(...args: string[]) {
      const print = () => {};
      return await dlqCommand.run(args, { config, openDatabase: () => sql, print, note: print, progress: noProgress });
    },
    answers,
    handledByAll,
    namesOfDoctor,
    known,
    async close() {
      stopped.abort();
      await Promise.all(running);
      await harness.close();
    },
  };
}
