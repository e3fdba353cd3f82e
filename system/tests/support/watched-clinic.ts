import { join } from "node:path";
import { connect } from "amqplib";
import { freePort } from "../../stack/free-port.ts";
import type { Releases } from "../../stack/releases.ts";
import { json, startHttpServer } from "../../stand-ins/http-server.ts";
import { startSmtpCatcher } from "../../stand-ins/smtp-catcher.ts";
import { createClinic } from "./clinic.ts";
import { startFailingMailServer } from "./failing-mail-server.ts";
import { startMonitoring } from "./monitoring.ts";
import { startOwnBroker } from "./own-broker.ts";
import { createPatientKeys } from "./patient-keys.ts";
import { createPrivateDatabases } from "./private-databases.ts";

/** Of a key that nobody has. */
const witnessKey = "witness.example/w1+29b0d35b+BJjhX1KA05iT/tYBIxUMFCezALSf9GYGVCVtrnAnLA1E";

/** Both services, watched by Prometheus. Neither calendars' server, gateway of text messages nor audit trail's witness is there. */
export async function createWatchedClinic(folder: string, releases: Releases) {
  const consumerPort = await freePort();
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const broker = await startOwnBroker(folder);
  releases.add("the broker", broker.stop);
  const databases = await createPrivateDatabases(releases);
  const keys = await createPatientKeys();
  releases.add("the keys", keys.remove);
  const withKeys = keys.settings(keys.masterKey("one"));
  const clinic = await createClinic({ broker, databases });
  releases.add("the clinic", clinic.remove);
  const mail = await startFailingMailServer(await freePort());
  const often = { TOPOLOGY_CHECK_MS: "1000" };
  const startConsumer = (env: Record<string, string> = {}) =>
    clinic.startConsumer({
      env: {
        ...{ AUDIT_WITNESS_URL: nowhere, AUDIT_WITNESS_VKEY: witnessKey },
        ...{ OPS_PORT: String(consumerPort), SMTP_URL: mail.url, CALDAV_URL: `${nowhere}/clinic/`, SMS_URL: nowhere },
        ...{ ...often, ...withKeys.consumer, ...env },
      },
    });
  const producer = await clinic.startProducer({
    env: { ...often, ...withKeys.producer, RELAY_CONFIRM_TIMEOUT_MS: "20000" },
  });
  const consumer = await startConsumer();
  await clinic.createDoctor();
  const connection = await connect(clinic.amqp);
  releases.add("the connection", () => connection.close().catch(() => {}));
  connection.on("error", () => {});
  const channel = await connection.createChannel();
  return {
    ...{ broker, databases, keys, clinic, mail, producer, consumer, startConsumer, channel },
    ...await watch(folder, releases, {
      producer: [new URL(clinic.api).host],
      consumer: [`127.0.0.1:${consumerPort}`],
      rabbitmq: [`127.0.0.1:${broker.prometheusPort}`],
    }),
  };
}

async function watch(folder: string, releases: Releases, targets: Record<string, string[]>) {
  const smtpPort = await freePort();
  const catcher = await startSmtpCatcher({ smtpPort, httpPort: 0, file: join(folder, "alerts.jsonl") });
  releases.add("the alerts' mail", catcher.stop);
  const posted: { alerts: { labels: Record<string, string> }[] }[] = [];
  const pager = await startHttpServer(0, ({ body }) => {
    posted.push(JSON.parse(body));
    return json(200, {});
  });
  releases.add("the pager", pager.stop);
  const monitoring = await startMonitoring({
    ...{ folder: join(folder, "monitoring"), targets, webhookUrl: pager.url, smtpPort, releases },
  });
  /** What Alertmanager sent: by mail, and to the pager. */
  return { monitoring, mailsOfAlerts: catcher.mails, posted };
}

export type WatchedClinic = Awaited<ReturnType<typeof createWatchedClinic>>;
