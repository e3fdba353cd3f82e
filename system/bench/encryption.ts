import { connect } from "amqplib";
import type { Session } from "../session.ts";
import { createClinic } from "../tests/support/clinic.ts";
import { createPatientKeys } from "../tests/support/patient-keys.ts";
import { median, medianRatio, rounded, type Table, takeTurns } from "./compare.ts";
import { bookings, consumeOwn, makeKnown, unreachable } from "./consume.ts";
import { encrypted, makeKeys, masterKey } from "./encrypted-events.ts";
import { exchangeOfEvents, relayedRate } from "./relay.ts";

/**
 * What encryption costs the relay and each job, beside the plain form in the same run. Every event is another patient's, so
 * no key is known before it is needed; the jobs that read nothing personal need none.
 */
export async function measureEncryption(
  { events, rounds, jobs }: { events: number; rounds: number; jobs: readonly string[] },
  { report, releases, signal }: Session,
): Promise<Table> {
  const [clinic, keys] = [await createClinic({ withoutTopology: true }), await createPatientKeys()];
  releases.add("the clinic", clinic.remove);
  releases.add("the keys", keys.remove);
  const env = { ...unreachable, AMQP_URL: clinic.amqp, QUEUE_MAX_LENGTH: String(10 * events) };
  const withKeys = { ...env, PATIENT_KEYS_URL: keys.url, PATIENT_KEYS_MASTER: masterKey };
  await makeKnown(clinic, env, signal);
  await clinic.startProducer();
  const connection = await connect(clinic.amqp);
  releases.add("the bench's connection", () => connection.close());
  const channel = await connection.createChannel();
  await channel.assertQueue("bench.relay", { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.bindQueue("bench.relay", exchangeOfEvents, "#");

  /** Nothing but the bench's own queue takes what the relay publishes: the jobs' queues are filled directly. */
  async function relayed(body: object): Promise<number> {
    const rate = await relayedRate(clinic, events, signal, body);
    await channel.purgeQueue("bench.relay");
    for (const job of jobs) await channel.purgeQueue(queueOf(job));
    return rate;
  }
  const [plainEvent] = bookings(1);
  const [key] = await makeKeys(keys.url, 1);
  const measurements: Record<string, () => Promise<number>> = {
    relay: () => relayed(plainEvent!),
    "relay, encrypted": () => relayed(encrypted(plainEvent as never, key!)),
  };
  for (const job of jobs) {
    measurements[job] = () => consumeOwn(clinic, job, { ...env, JOBS: job }, bookings(events), signal);
    measurements[`${job}, encrypted`] = async () => {
      const own = await makeKeys(keys.url, events);
      const all = bookings(events).map((event, n) => encrypted(event as never, own[n]!));
      return await consumeOwn(clinic, job, { ...withKeys, JOBS: job }, all, signal);
    };
  }
  const found = await takeTurns(rounds + 1, measurements, (round, name) => {
    signal.throwIfAborted();
    report(round === 1 ? `warming up: ${name}` : `round ${round - 1} of ${rounds}: ${name}`);
  });
  return Object.fromEntries(["relay", ...jobs].map((name) => {
    const [plain, own] = [found[name]!.slice(1), found[`${name}, encrypted`]!.slice(1)];
    return [name, {
      "encrypted, a second": rounded(median(own)),
      "plain, a second": rounded(median(plain)),
      ratio: rounded(medianRatio(own, plain), 2),
    }];
  }));
}

const queueOf = (job: string) => `apt.${job === "analytics" ? "created" : job}.queue`;
