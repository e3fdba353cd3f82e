import { connect } from "amqplib";
import type { Session } from "../session.ts";
import { createClinic } from "../tests/support/clinic.ts";
import { publishBare } from "./bare-confirms.ts";
import { median, medianRatio, rounded, type Table, takeTurns } from "./compare.ts";
import { message } from "./outbox-events.ts";
import { openConnectionManager } from "./peers/amqp-connection-manager.ts";
import { openConfirming } from "./peers/confirming.ts";
import { openGolevelup } from "./peers/golevelup.ts";
import { drainJobs } from "./peers/job-queue.ts";
import { openNaive } from "./peers/naive.ts";
import { drainTable } from "./peers/outbox-table.ts";
import { exchange, type OpenPeer } from "./peers/peer.ts";
import { openRascal } from "./peers/rascal.ts";
import { exchangeOfEvents, relayedRate } from "./relay.ts";

/** Events a second from an outbox to the broker, by this relay and by what a team would otherwise take. */
export async function measurePeers(
  { events, rounds }: { events: number; rounds: number },
  { report, releases, signal }: Session,
): Promise<Table> {
  const clinic = await createClinic({ withoutTopology: true });
  releases.add("the clinic", clinic.remove);
  await clinic.startProducer();
  const connection = await connect(clinic.amqp);
  releases.add("the bench's connection", () => connection.close());
  const channel = await connection.createChannel();
  await channel.assertExchange(exchange, "topic", { durable: true });
  await channel.assertQueue("bench", { durable: true, arguments: { "x-queue-type": "quorum" } });
  for (const from of [exchange, exchangeOfEvents]) await channel.bindQueue("bench", from, "#");

  const { host, port, database, user, pass } = clinic.consumerSql.options;
  const databaseUrl = `postgres://${user}:${encodeURIComponent(String(pass))}@${host[0]}:${port[0]}/${database}`;
  const body = message.content.toString();
  const table = (open: OpenPeer) => () => drainTable(databaseUrl, { open, amqpUrl: clinic.amqp, body, events });
  const bare = `bare confirms, window 1000`;
  const measurements: Record<string, () => Promise<number>> = {
    [bare]: () => publishBare(clinic.amqp, exchange, 10 * events, 1_000),
    "this relay": () => relayedRate(clinic, 10 * events, signal),
    "rascal": table(openRascal),
    "amqp-connection-manager": table(openConnectionManager),
    "@golevelup/nestjs-rabbitmq": table(openGolevelup),
    "graphile-worker": async () => {
      const peer = await openConfirming(clinic.amqp);
      return await drainJobs(databaseUrl, peer, body, events).finally(peer.close);
    },
    "naive: a channel each, no confirm": table(openNaive),
  };
  const found = await takeTurns(rounds, measurements, (round, name) => {
    signal.throwIfAborted();
    report(`round ${round} of ${rounds}: ${name}`);
  });
  return Object.fromEntries(
    Object.entries(found).filter(([name]) => name !== bare).map(([name, rates]) => [name, {
      "a second": rounded(median(rates)),
      [bare]: rounded(median(found[bare]!)),
      ratio: rounded(medianRatio(rates, found[bare]!), 3),
    }]),
  );
}
