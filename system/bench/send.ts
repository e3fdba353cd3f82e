import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { doctor } from "../doctor.ts";
import { root } from "../local-files.ts";
import type { Session } from "../session.ts";
import { waitFor } from "../stack/wait-for.ts";
import { type Clinic, createClinic } from "../tests/support/clinic.ts";
import { slot } from "../tests/support/slot.ts";
import { book } from "./book.ts";
import type { SinkCount } from "./send-sinks.ts";

export interface SendLoad {
  /** Of each kind, in each measurement. */
  count: number;
  rounds: number;
}

/** As the consumer's defaults have it. */
const concurrency = 4;
const kinds = ["mails", "text messages", "calendar entries"] as const;
type Kind = (typeof kinds)[number];
export type SendRates = Record<Kind, { own: number[]; bare: number[] }>;

/**
 * Mails, text messages and calendar entries a second: a backlog of intents in the consumer's tables, and the same
 * transport alone, against the same servers in turns.
 */
export async function measureSend({ count, rounds }: SendLoad, { report, releases, signal }: Session) {
  const sinks = run("send-sinks.ts", []);
  releases.add("the sinks", () => void sinks.kill("SIGKILL"));
  const { smtpPort, httpPort } = await told<{ smtpPort: number; httpPort: number }>(sinks);
  const http = `http://127.0.0.1:${httpPort}`;
  const urls: Record<Kind, string> = {
    mails: `smtp://127.0.0.1:${smtpPort}`,
    "text messages": http,
    "calendar entries": `${http}/calendars/`,
  };
  const env = { SMTP_URL: urls.mails, SMS_URL: http, CALDAV_URL: urls["calendar entries"], LOG_LEVEL: "info" };
  const clinic = await createClinic();
  releases.add("the clinic", clinic.remove);
  report("booking what is to be sent");
  await bookOnce(clinic, env);
  await drained(sinks);

  const rates = Object.fromEntries(kinds.map((kind) => [kind, { own: [], bare: [] }])) as unknown as SendRates;
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      report(`round ${round + 1} of ${rounds}: ${count} ${kind}`);
      signal.throwIfAborted();
      const measure = {
        own: () => sendOwn(clinic, kind, count, env),
        bare: () => sendBare(kind, urls[kind], count),
      };
      for (const who of round % 2 === 0 ? ["own", "bare"] as const : ["bare", "own"] as const) {
        await measure[who]();
        const { count: came, elapsedMs } = await drained(sinks);
        if (came !== count) throw new Error(`${came} of ${count} ${kind} came to the server`);
        rates[kind][who].push((came - 1) / elapsedMs * 1_000);
      }
    }
  }
  return rates;
}

const run = (name: string, args: string[]) =>
  fork(fileURLToPath(new URL(name, import.meta.url)), args, {
    cwd: join(root, "system"),
    execArgv: ["--import", "tsx"],
  });

async function told<Message>(child: ChildProcess): Promise<Message> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the sinks ended with ${code}`);
  });
  const [message] = await Promise.race([once(child, "message"), ended]) as [Message];
  return message;
}

function drained(sinks: ChildProcess): Promise<SinkCount> {
  const answer = told<SinkCount>(sinks);
  sinks.send("count");
  return answer;
}

async function sendBare(kind: Kind, url: string, count: number): Promise<void> {
  const args = [kind, url, String(count), String(concurrency)];
  const [code] = await once(run("bare-sender.ts", args), "exit");
  if (code !== 0) throw new Error(`the bare sender of ${kind} ended with ${code}`);
}

/** One visit, of which the backlogs are made. */
async function bookOnce(clinic: Clinic, env: Record<string, string>): Promise<void> {
  const producer = await clinic.startProducer();
  const consumer = await clinic.startConsumer({ env });
  await clinic.createDoctor();
  await book(clinic, {
    patientEmail: "ada@example.org",
    patientPhone: "+491700000000",
    doctorId: doctor.id,
    appointmentDate: slot(0),
  });
  const open = () =>
    clinic.consumerSql`
    SELECT FROM sends WHERE state <> 'sent' UNION ALL SELECT FROM calendar_intents WHERE state <> 'done'`;
  const made = () => clinic.consumerSql`SELECT FROM calendar_intents, sends WHERE channel = 'sms'`;
  await waitFor("the booking's effects", async () => (await made()).length > 0 && (await open()).length === 0, {
    timeoutMs: 60_000,
  });
  await Promise.all([producer.stop("SIGTERM"), consumer.stop("SIGTERM")]);
}

/** A consumer that finds the backlog at its start, until it has written down what came of all. */
async function sendOwn(clinic: Clinic, kind: Kind, count: number, env: Record<string, string>): Promise<void> {
  const { consumerSql: sql } = clinic;
  await (kind === "calendar entries" ? wantEntries(clinic, count) : wantSends(clinic, kind, count));
  await sql`VACUUM ANALYZE`;
  const consumer = await clinic.startConsumer({ env });
  const open = () =>
    kind === "calendar entries"
      ? sql`SELECT FROM calendar_intents WHERE state = 'pending' LIMIT 1`
      : sql`SELECT FROM sends WHERE state IN ('pending', 'sending') LIMIT 1`;
  await waitFor(`the backlog of ${kind}`, async () => (await open()).length === 0, { timeoutMs: 600_000 });
  await consumer.stop("SIGTERM");
}

async function wantSends({ consumerSql: sql }: Clinic, kind: Kind, count: number): Promise<void> {
  const channel = kind === "mails" ? "email" : "sms";
  await sql`DELETE FROM sends WHERE event_key LIKE 'bench-%'`;
  await sql`
    INSERT INTO sends (event_key, channel, recipient, template, appointment_id, correlation_id, content, state, due_at,
      created_at, updated_at)
    SELECT 'bench-' || n, channel, recipient, template, gen_random_uuid(), correlation_id, content, 'pending', now(), now(),
      now()
    FROM (SELECT * FROM sends WHERE channel = ${channel} AND event_key NOT LIKE 'bench-%' ORDER BY id LIMIT 1) one,
      generate_series(1, ${count}) n`;
}

async function wantEntries({ consumerSql: sql }: Clinic, count: number): Promise<void> {
  await sql`DELETE FROM calendar_visits WHERE appointment_id IN (
    SELECT appointment_id FROM calendar_intents WHERE event_key LIKE 'bench-%')`;
  await sql`
    WITH one AS (SELECT * FROM calendar_intents LIMIT 1),
      visit AS (
        INSERT INTO calendar_visits (appointment_id, doctor_id)
        SELECT gen_random_uuid(), doctor_id FROM one, generate_series(1, ${count})
        RETURNING appointment_id
      )
    INSERT INTO calendar_intents (appointment_id, doctor_id, content, state, event_key, correlation_id)
    SELECT visit.appointment_id, doctor_id, content, 'pending', 'bench-' || visit.appointment_id, correlation_id
    FROM one, visit`;
}
