import { Buffer } from "node:buffer";
import { connect } from "amqplib";
import type { Clinic } from "../tests/support/clinic.ts";
import { doctor } from "../doctor.ts";
import { slot } from "../tests/support/slot.ts";
import { evenly } from "./evenly.ts";

export interface Load {
  /** A second. */
  rate: number;
  seconds: number;
}

/** Milliseconds from the start of a booking's transaction until the relay has stored the broker's confirm. */
export async function measureRelay(clinic: Clinic, { rate, seconds }: Load): Promise<number[]> {
  await evenly(rate, rate * seconds, async (n) => {
    const response = await fetch(`${clinic.api}/v1/appointments`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": clinic.apiKey },
      body: JSON.stringify({
        patientEmail: `patient-${n}@example.org`,
        doctorId: doctor.id,
        appointmentDate: slot(n),
        durationMinutes: 5,
      }),
    });
    if (response.status !== 201) throw new Error(`booking ${n} answered ${response.status}: ${await response.text()}`);
  });
  const rows = await clinic.producerSql<{ ms: number }[]>`
    SELECT (extract(epoch FROM published_at - created_at) * 1000)::float8 AS ms
    FROM outbox_archive JOIN appointments ON appointments.id::text = outbox_archive.aggregate_id`;
  return rows.map(({ ms }) => ms);
}

/** Milliseconds that a bare confirm takes on a quorum queue of the same broker, with a body of the same size. */
export async function measureBareConfirm(amqpUrl: string, { rate, seconds }: Load): Promise<number[]> {
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
