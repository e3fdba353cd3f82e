import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "amqplib";
import postgres from "postgres";
import { keyRow, masterKey } from "../src/fuzz/encrypted.ts";
import type { Handled, KeyRow, RunningConsumer } from "../src/services.ts";
import { readEffects } from "./consumer-effects.ts";
import type { PrivateServers } from "../src/wire/private-servers.ts";
import { keepKeys, producersMasterKey } from "./patient-keys.ts";
import { ServiceFailed } from "../src/wire/service-failed.ts";
import { type RunningService, startService } from "../src/wire/service-process.ts";

const READY_MS = 60_000;

/** Starts the consumer of the project in `root` with all jobs, on servers of its own, with these patients' keys. */
export async function startConsumer(
  root: string,
  { databaseUrl, keysUrl, amqpUrl }: PrivateServers,
  keys: readonly KeyRow[] = [],
): Promise<RunningConsumer> {
  await keepKeys(keysUrl, [keyRow, ...keys]);
  const service = await startService(join(root, "consumer"), {
    OPS_HOST: "127.0.0.1",
    OPS_PORT: "0",
    DATABASE_URL: databaseUrl,
    AMQP_URL: amqpUrl,
    PATIENT_KEYS_URL: keysUrl,
    PATIENT_KEYS_MASTER: [masterKey, producersMasterKey].join(),
    // Nothing listens there: a mail that can't be handed over waits in the send ledger and holds up no job.
    SMTP_URL: "smtp://127.0.0.1:9",
    MAIL_FROM: "Clinic <appointments@clinic.example>",
    LOG_LEVEL: "info",
  });
  await ready(service);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const connection = await connect(amqpUrl);
  const channel = await connection.createConfirmChannel();

  async function read(): Promise<Handled[]> {
    const taken = await sql<Handled[]>`select job, event_key as "eventKey", outcome from inbox`;
    const given = await sql<Handled[]>`
      select job, coalesce(properties ->> 'messageId', event_key) as "eventKey", min(reason) as "deadBecause"
      from dead_letters group by 1, 2`;
    return [...taken, ...given];
  }

  return {
    isRunning: service.isRunning,
    publish: ({ exchange, routingKey, body, properties }) =>
      new Promise((resolve, reject) => {
        channel.publish(exchange, routingKey, body, properties, (error) => error ? reject(error) : resolve());
      }),
    async handled(expected, waitMs) {
      let rows = await read();
      let deadline = Date.now() + waitMs;
      while (rows.length < expected && Date.now() < deadline && service.isRunning()) {
        await delay(200);
        const before = rows.length;
        rows = await read();
        if (rows.length > before) deadline = Date.now() + waitMs;
      }
      return rows;
    },
    effects: () => readEffects(sql),
    async stop() {
      await connection.close();
      await sql.end();
      await service.stop();
    },
  };
}

/** It listens before its tables and queues are there. */
async function ready({ url, isRunning }: RunningService): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (true) {
    const answer = await fetch(`${url}/readyz`).catch((error: Error) => error);
    if (!isRunning()) throw new ServiceFailed("the consumer ended before it was ready");
    if (answer instanceof Response && answer.ok) return;
    if (Date.now() > deadline) {
      const last = answer instanceof Response ? `${answer.status} ${await answer.text()}` : answer.message;
      throw new Error(`the consumer was not ready within ${READY_MS / 1000} s: ${last}`);
    }
    await delay(100);
  }
}
