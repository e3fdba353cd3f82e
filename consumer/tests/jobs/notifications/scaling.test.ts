import process from "node:process";
import { expect, test } from "vitest";
import { queues } from "../../../src/generated/topology.ts";
import { createNotificationsJob } from "../../../src/jobs/notifications/notifications.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { writer } from "./notifications-harness.ts";
import { startSlowMailServer } from "./slow-mail-server.ts";
import { startProcess } from "../../support/consumer-process.ts";
import { createDeliveryHarness } from "../../support/delivery-harness.ts";
import { handleEvent, type RawEvent } from "../../support/handle-event.ts";

// `npm run test:scaling` measures 2.5 times on a long backlog, and wants the machine for itself. Beside other tests it is
// a short one, which shows that the consumers share the work.
const appointments = Number(process.env["APPOINTMENTS"] ?? 60);
const ratio = Number(process.env["RATIO"] ?? 1.2);

/**
 * Mails a second that so many consumers hand over from a backlog of events. Each has one connection, so that the mail
 * server's 50 ms are the limit and not the processors of this machine.
 */
async function drain(processes: number): Promise<number> {
  const harness = await createDeliveryHarness(queues);
  const server = await startSlowMailServer(50);
  const { sql } = harness.database;
  const job = createNotificationsJob({ sms: false, defaultLocale: "en", reminderLeadMinutes: [], writer });
  await handleEvent(sql, job, doctorUpdated("dr-lovelace") as RawEvent);
  for (let index = 0; index < appointments; index++) await harness.publish(appointmentEvents().created());

  const consumers = Array.from({ length: processes }, () =>
    startProcess("src/main.ts", {
      DATABASE_URL: harness.database.url,
      AMQP_URL: harness.vhost.amqpUrl,
      OPS_PORT: "0",
      SMTP_URL: server.url,
      MAIL_FROM: "appointments@clinic.example",
      SEND_CONCURRENCY: "1",
      LOG_LEVEL: "warn",
    }, ["--only", "notifications"]));
  try {
    const states = () => sql`select state, count(*)::integer as count from sends group by state`;
    await expect.poll(states, { timeout: 120_000, interval: 200 }).toEqual([
      { state: "sent", count: 2 * appointments },
    ]);
    expect(server).toMatchObject({ accepted: 2 * appointments, mostAtOnce: processes });
    return server.rateSince(processes);
  } finally {
    consumers.forEach(({ child }) => child.kill("SIGKILL"));
    await server.stop();
    await harness.close();
  }
}

const title = `three consumers hand over a backlog at least ${ratio} times as fast as one, and nothing twice`;

test(title, { timeout: 300_000, retry: 1 }, async () => {
  const [one, three] = [await drain(1), await drain(3)];
  console.log(
    `mails a second: ${one.toFixed(1)} by one consumer, ${three.toFixed(1)} by three: ${
      (three / one).toFixed(2)
    } times`,
  );
  expect(three / one).toBeGreaterThanOrEqual(ratio);
});
