import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import amqp from "amqplib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../stack/free-port.ts";
import { startPostgres } from "../stack/postgres.ts";
import { createReleases } from "../stack/releases.ts";
import { book } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { countEffects, eachOnce } from "./support/effects.ts";
import { createPatientKeys } from "./support/patient-keys.ts";
import { startTcpProxy, type TcpProxy } from "./support/tcp-proxy.ts";
import { tryToBook } from "./support/try-to-book.ts";

const releases = createReleases(console.error);
let clinic: Clinic;
let startServer: () => Promise<void>;
let stopServer: () => Promise<void>;
let proxy: TcpProxy;
let settings: Record<"producer" | "consumer", Record<string, string>>;
beforeEach(async ({ onTestFailed }) => {
  clinic = await createClinic();
  onTestFailed(() => console.log(clinic.log.join("\n")));
  releases.add("the clinic", clinic.remove);
  const folder = mkdtempSync(join(tmpdir(), "keys-"));
  releases.add("the keys' folder", () => rmSync(folder, { recursive: true, force: true }));
  const place = { folder: join(folder, "postgres"), port: await freePort(), password: "secret", durable: true };
  let server = await startPostgres(place);
  stopServer = () => server.stop();
  startServer = async () => void (server = await startPostgres(place));
  releases.add("the keys' server", () => server.stop());
  const keys = await createPatientKeys(server.adminUrl);
  releases.add("the keys", () => keys.sql.end({ timeout: 1 }));
  proxy = await startTcpProxy(keys.url);
  releases.add("the way to the keys", proxy.stop);
  settings = keys.settings(keys.masterKey("one"));
  for (const one of Object.values(settings)) one["PATIENT_KEYS_URL"] = proxy.url;
});
afterEach(releases.run);

async function overhear(): Promise<string[]> {
  const connection = await amqp.connect(clinic.amqp);
  releases.add("the listener", () => connection.close());
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "appointments.ex", "#");
  const bodies: string[] = [];
  await channel.consume(queue, (message) => void (message && bodies.push(message.content.toString())), { noAck: true });
  return bodies;
}

async function readiness(url: string) {
  const answer = await fetch(`${url}/readyz`);
  return { isReady: answer.ok, ...await answer.json() as { patientKeys: string; reasons: object } };
}

const ways = {
  "the server is stopped": { away: () => stopServer(), back: () => startServer() },
  "nothing is answered any more": { away: () => proxy.swallowRequests(), back: () => proxy.swallowNothing() },
};

test.for(Object.keys(ways) as (keyof typeof ways)[])(
  "while the patients' keys are away (%s) nothing is lost, doubled or told in the clear, and what needs none goes on",
  { timeout: 300_000 },
  async (way) => {
    const bodies = await overhear();
    await clinic.startProducer({ env: settings.producer });
    let consumer = await clinic.startConsumer({ env: settings.consumer });
    await clinic.createDoctor();
    const told = await book(clinic, 0);
    await expect.poll(() => countEffects(clinic, told)).toEqual(eachOnce);
    await consumer.stop("SIGTERM");
    const waiting = await book(clinic, 1);

    await ways[way].away();
    consumer = await clinic.startConsumer({ env: settings.consumer });
    const untold = { ...eachOnce, patientMails: 0, doctorMails: 0 };
    await expect.poll(() => countEffects(clinic, waiting)).toEqual(untold);
    for (const url of [clinic.api, consumer.url]) {
      expect(await readiness(url)).toMatchObject({
        isReady: true,
        patientKeys: "down",
        reasons: { patientKeys: expect.stringMatching(/./) },
      });
    }
    // What it waits with comes again, as something that may have taken the process down.
    await consumer.stop("SIGKILL");
    consumer = await clinic.startConsumer({ env: settings.consumer });
    const refused = await tryToBook(clinic, 2);
    expect(refused).toMatchObject({ status: 503, retryAfter: "1" });
    const headers = { "content-type": "application/json", "x-api-key": clinic.apiKey };
    const cancelled = await fetch(`${clinic.api}/v1/appointments/${told.id}/cancel`, {
      ...{ method: "POST", headers, body: "{}" },
    });
    expect(cancelled.status).toBe(200);
    const freed = () =>
      clinic.consumerSql`
        SELECT status FROM availability_visits WHERE appointment_id = ${told.id}`;
    await expect.poll(freed).toEqual([{ status: "cancelled" }]);
    expect(await clinic.producerSql`SELECT FROM appointments`).toHaveLength(2);
    expect(await countEffects(clinic, waiting)).toEqual(untold);

    await ways[way].back();
    await expect.poll(async () => (await tryToBook(clinic, 2)).status, { timeout: 60_000 }).toBe(201);
    const { booked } = await tryToBook(clinic, 2);
    for (const one of [waiting, booked!]) {
      await expect.poll(() => countEffects(clinic, one), { timeout: 60_000 }).toEqual(eachOnce);
    }
    expect(await clinic.consumerSql`SELECT FROM dead_letters`).toHaveLength(0);
    for (const url of [clinic.api, consumer.url]) expect(await readiness(url)).toMatchObject({ patientKeys: "up" });
    const archived = await clinic.producerSql`SELECT body FROM outbox UNION ALL SELECT body FROM outbox_archive`;
    for (const text of [bodies.join("\n"), JSON.stringify(archived), clinic.log.join("\n")]) {
      expect(text).not.toMatch(/patient-\d@example/);
    }
    expect(bodies.filter((body) => body.includes("personalData"))).toHaveLength(3);
  },
);
