import { Buffer } from "node:buffer";
import { connect } from "amqplib";
import type { Clinic } from "../tests/support/clinic.ts";
import { slot } from "../tests/support/slot.ts";
import { waitFor } from "../stack/wait-for.ts";
import { book } from "./book.ts";
import { doctorId, doctors } from "./many-doctors.ts";
import { median, medianRatio, rounded, type Table } from "./compare.ts";
import { evenly } from "./evenly.ts";
import { percentile } from "./percentile.ts";

export interface Load {
  /** A second. */
  rate: number;
  seconds: number;
}

const parts = { "p50": 0.5, "p99": 0.99, "p99.9": 0.999 };

/** In each round the one after the other, in turns; of each percentile the median of the rounds. */
export async function measureLatency(
  clinic: Clinic,
  { rounds, ...load }: Load & { rounds: number },
  onRound: (round: number, name: string) => void,
): Promise<Table> {
  const found = { own: [] as number[][], bare: [] as number[][] };
  const measure = {
    own: async (round: number) => {
      const latencies = await measureRelay(clinic, load, (round - 1) * load.rate * load.seconds);
      await purgeQueues(clinic.amqp);
      return latencies;
    },
    bare: () => measureBareConfirm(clinic.amqp, load),
  };
  for (let round = 1; round <= rounds; round++) {
    for (const name of round % 2 === 1 ? ["bare", "own"] as const : ["own", "bare"] as const) {
      onRound(round, name === "own" ? "bookings" : "bare confirms");
      found[name].push(await measure[name](round));
    }
  }
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => {
      const [own, bare] = [found.own, found.bare].map((all) => all.map((values) => percentile(values, part)));
      const row = { "commit → confirm, ms": rounded(median(own!), 1), "bare confirm, ms": rounded(median(bare!), 1) };
      return [name, { ...row, ratio: rounded(medianRatio(own!, bare!), 1) }];
    }),
  );
}

/** Nobody reads them here, and a full one refuses. */
async function purgeQueues(amqpUrl: string): Promise<void> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  for (const stem of ["notifications", "availability", "audit", "calendar", "created"]) {
    await channel.purgeQueue(`apt.${stem}.queue`);
  }
  await connection.close();
}

/** Milliseconds from a booking's commit until the relay stores the broker's confirm. */
async function measureRelay(clinic: Clinic, { rate, seconds }: Load, firstSlot: number): Promise<number[]> {
  const [{ last } = { last: "0" }] = await clinic.producerSql<{ last: string }[]>`
    SELECT coalesce(max(position), 0) AS last FROM outbox_archive`;
  await evenly(rate, rate * seconds, async (n) => {
    await book(clinic, {
      patientEmail: `patient-${n}@example.org`,
      doctorId: doctorId(n % doctors),
      appointmentDate: slot(Math.ceil(firstSlot / doctors) + Math.floor(n / doctors)),
    });
  });
  const isEmpty = async () => (await clinic.producerSql`SELECT FROM outbox LIMIT 1`).length === 0;
  await waitFor("the outbox to be empty", isEmpty, { timeoutMs: 60_000 });
  const rows = await clinic.producerSql<{ ms: number }[]>`
    SELECT (extract(epoch FROM published_at - pg_xact_commit_timestamp(appointments.xmin)) * 1000)::float8 AS ms
    FROM outbox_archive JOIN appointments ON appointments.id::text = outbox_archive.aggregate_id
    WHERE position > ${last}`;
  return rows.map(({ ms }) => ms);
}

/** Milliseconds that a bare confirm takes on a quorum queue of the same broker, with a body of the same size. */
async function measureBareConfirm(amqpUrl: string, { rate, seconds }: Load): Promise<number[]> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createConfirmChannel();
  const queue = "bench.bare";
  await channel.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
  const body = Buffer.alloc(600, "x");
  const latencies = await evenly(rate, rate * seconds, async () => {
    const started = performance.now();
    await new Promise<void>((resolve, reject) => {
      channel.sendToQueue(queue, body, { persistent: true }, (error) => error ? reject(error) : resolve());
    });
    return performance.now() - started;
  });
  await channel.deleteQueue(queue);
  await connection.close();
  return latencies;
}
