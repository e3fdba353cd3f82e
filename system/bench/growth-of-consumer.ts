import type { Session } from "../session.ts";
import { type Clinic, createClinic } from "../tests/support/clinic.ts";
import { doctor } from "../doctor.ts";
import { slot } from "../tests/support/slot.ts";
import { waitFor } from "../stack/wait-for.ts";
import { askRoutes, besideEmpty } from "./ask-routes.ts";
import { book } from "./book.ts";
import { median, type Table } from "./compare.ts";

export interface ConsumerGrowthLoad {
  /** What the jobs have handled. */
  inbox: number;
  sends: number;
  deadLetters: number;
  /** How often each route is asked. */
  rounds: number;
}

const commands = [["dlq", "list"], ["sends", "list"], ["status"]];

/** How the consumer's answers change with what it keeps: each beside itself with nothing kept. */
export async function measureConsumerGrowth(
  { inbox, sends, deadLetters, rounds }: ConsumerGrowthLoad,
  { report, releases, signal }: Session,
): Promise<Table> {
  const clinic = await createClinic();
  releases.add("the consumer's clinic", clinic.remove);
  await clinic.startProducer();
  const consumer = await clinic.startConsumer();
  await clinic.createDoctor();
  const appointmentId = await book(clinic, {
    patientEmail: "ada@example.org",
    doctorId: doctor.id,
    appointmentDate: slot(0),
  });
  const handled = async () =>
    (await clinic.consumerSql`SELECT FROM inbox WHERE aggregate_id = ${appointmentId}`).length;
  await waitFor("the booking's five jobs", async () => await handled() === 5, { timeoutMs: 60_000 });
  const target = { url: consumer.url, apiKey: clinic.apiKey, routes: routesOf(appointmentId) };
  const askAll = async () => ({
    ...await askRoutes(target, rounds),
    ...await runCommands(clinic, Math.min(rounds, 5)),
  });

  report("asking the consumer with nothing kept");
  const empty = await askAll();
  signal.throwIfAborted();
  report(`writing ${inbox} rows of the inbox, ${sends} sends and ${deadLetters} dead letters`);
  await fill(clinic, { inbox, sends, deadLetters });
  report("asking the consumer with all that");
  return besideEmpty(await askAll(), empty);
}

function routesOf(appointmentId: string): Record<string, string> {
  const [from, to] = [1, 8].map((days) => encodeURIComponent(new Date(Date.now() + days * 86_400_000).toISOString()));
  return {
    "consumer, GET /metrics": "/metrics",
    "consumer, availability of a week": `/v1/doctors/${doctor.id}/availability?from=${from}&to=${to}`,
    "consumer, GET /ops": "/ops",
    "consumer, GET /ops/status.json": "/ops/status.json",
    "consumer, GET /ops/failures": "/ops/failures",
    "consumer, GET /ops/timeline of one": `/ops/timeline/${appointmentId}.json`,
  };
}

/** The process's start is in both. */
async function runCommands(clinic: Clinic, rounds: number): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const command of commands) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      // Its exit code says whether something needs a person, which with dead letters is so.
      await clinic.consumerCommand(...command).catch(() => {});
      times.push(performance.now() - started);
    }
    found[`consumer ${command.join(" ")}, a process`] = median(times);
  }
  return found;
}

async function fill(
  { consumerSql: sql }: Clinic,
  { inbox, sends, deadLetters }: Omit<ConsumerGrowthLoad, "rounds">,
): Promise<void> {
  await sql`
    INSERT INTO inbox (job, event_key, event_name, aggregate_id, outcome, processed_at, aggregate_version, told_at)
    SELECT (ARRAY['analytics', 'audit', 'availability', 'calendar', 'notifications'])[n % 5 + 1], gen_random_uuid()::text,
      'appointment.created', gen_random_uuid()::text, 'applied', now() - n * interval '10 ms', 1, now()
    FROM generate_series(1, ${inbox}) n`;
  await sql`
    INSERT INTO sends (event_key, channel, recipient, template, appointment_id, content, state, due_at, created_at,
      updated_at)
    SELECT gen_random_uuid()::text, 'email', 'patient-' || n || '@example.org', 'patient-booked', gen_random_uuid(),
      '{"locale": "en"}', CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'sent' END, now() - n * interval '10 ms',
      now() - n * interval '10 ms', now() - n * interval '10 ms'
    FROM generate_series(1, ${sends}) n`;
  await sql`
    INSERT INTO dead_letters (job, reason, event_key, event_name, aggregate_id, body, properties, headers, delivery_hash)
    SELECT (ARRAY['analytics', 'audit', 'availability', 'calendar', 'notifications'])[n % 5 + 1], 'unreadable-message',
      gen_random_uuid()::text, 'appointment.created', gen_random_uuid()::text, '{}', '{}',
      jsonb_build_object('x-error-message', 'is no JSON at position ' || n % 7), gen_random_uuid()::text
    FROM generate_series(1, ${deadLetters}) n`;
  await sql`VACUUM ANALYZE inbox, sends, dead_letters`;
}
