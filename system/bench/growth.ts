import { connect } from "amqplib";
import type { Session } from "../session.ts";
import { freePort } from "../stack/free-port.ts";
import { waitFor } from "../stack/wait-for.ts";
import { createClinic } from "../tests/support/clinic.ts";
import { createDoctor, doctor } from "../doctor.ts";
import { askRoutes, besideEmpty } from "./ask-routes.ts";
import { rounded, type Table } from "./compare.ts";
import { fillArchive, fillOutbox } from "./outbox-events.ts";

export interface GrowthLoad {
  /** What waits in the outbox, as after a long outage of the broker. */
  events: number;
  /** What was confirmed before. */
  archived: number;
  /** How often each route is asked. */
  rounds: number;
}

const queue = "bench.growth";

/** How the producer's rates and answers change with what it keeps: each beside itself with nothing kept. */
export async function measureGrowth({ events, archived, rounds }: GrowthLoad, session: Session): Promise<Table> {
  const { report, releases, signal } = session;
  const clinic = await createClinic({ withoutTopology: true });
  releases.add("the clinic", clinic.remove);
  // Without a broker, so that everything stays where it is while the routes are asked.
  const env = { RATE_LIMIT_PER_SECOND: "0", AMQP_URL: `amqp://127.0.0.1:${await freePort()}` };
  const asked = await clinic.startProducer({ env });
  await createDoctor(clinic.api, clinic.apiKey);
  const { producerSql: sql } = clinic;
  const target = { url: clinic.api, apiKey: clinic.apiKey, routes: routesOf() };
  const table: Table = {};

  report("asking with nothing kept");
  const empty = await askRoutes(target, rounds);
  report(`writing ${events} events to the outbox, ${archived} to the archive`);
  await fillArchive(sql, archived);
  await fillOutbox(sql, events);
  await sql`ANALYZE outbox, outbox_archive`;
  report("asking with all that");
  const full = await askRoutes(target, rounds);
  Object.assign(table, besideEmpty(full, empty));

  await asked.stop("SIGTERM");
  report(`draining ${events} events`);
  const [{ last = "0" } = {}] = await sql<{ last: string }[]>`SELECT max(position) AS last FROM outbox_archive`;
  const connection = await connect(clinic.amqp);
  releases.add("the bench's connection", () => connection.close());
  const channel = await connection.createChannel();
  await channel.assertExchange("appointments.ex", "topic", { durable: true });
  await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.bindQueue(queue, "appointments.ex", "#");
  await clinic.startProducer();
  const isEmpty = async () => (await sql`SELECT FROM outbox LIMIT 1`).length === 0;
  await waitFor("the outbox to be empty", isEmpty, { timeoutMs: 3_600_000, intervalMs: 500, signal });
  const rates = await sql<{ rate: number }[]>`
    WITH confirmed AS (SELECT position, published_at FROM outbox_archive WHERE position > ${last}),
      tenths AS (SELECT ntile(10) OVER (ORDER BY position) AS tenth, published_at FROM confirmed)
    SELECT (count(*) / greatest(extract(epoch FROM max(published_at) - min(published_at)), 0.001))::float8 AS rate
    FROM tenths GROUP BY tenth ORDER BY tenth`;
  const [first, final] = [rates.at(0)!.rate, rates.at(-1)!.rate];
  table["drain, events a second"] = {
    "first tenth": rounded(first),
    "last tenth": rounded(final),
    ratio: rounded(final / first, 2),
  };
  return table;
}

/** What the producer answers from what it keeps. */
function routesOf(): Record<string, string> {
  const since = new Date(Date.now() - 1_000).toISOString();
  const [from, to] = [1, 8].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  return {
    "GET /metrics": "/metrics",
    "GET /ops/outbox": "/ops/outbox",
    "GET /ops/outbox of the last second": `/ops/outbox?from=${since}`,
    "GET /ops/outbox of a rare type": "/ops/outbox?type=appointment.no_show",
    "GET /ops/outbox of one appointment": "/ops/outbox?aggregateId=0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
    "GET /ops/archive": "/ops/archive",
    "GET /ops/archive of the last second": `/ops/archive?from=${since}`,
    "GET /ops/archive of a rare type": "/ops/archive?type=appointment.no_show",
    "GET /ops/archive of one appointment": "/ops/archive?aggregateId=0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
    "GET /v1/slots of a week": `/v1/slots?doctorId=${doctor.id}&from=${from}&to=${to}`,
  };
}
