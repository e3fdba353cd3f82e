import { parseArgs } from "node:util";
import process from "node:process";
import { runSession, type Session } from "../session.ts";
import { StackError } from "../stack/stack-error.ts";
import { startTestServers } from "../test-servers.ts";
import { createClinic } from "../tests/support/clinic.ts";
import { measureGrowth } from "./growth.ts";
import { measureConsumerGrowth } from "./growth-of-consumer.ts";
import { measureConsume, queues } from "./consume.ts";
import { measureEncryption } from "./encryption.ts";
import { measureHttp } from "./http.ts";
import { measureLatency } from "./latency.ts";
import { measurePeers } from "./peers.ts";
import { measureSend } from "./send.ts";
import { median, medianRatio, type Table } from "./compare.ts";
import { createDoctors } from "./many-doctors.ts";
import { measureRelayRate } from "./relay.ts";
import { measureStart } from "./start.ts";
import { measureWhole } from "./whole.ts";

const help = `npm run bench -- <benchmark> [options]

Prints a table of this system beside a bare reference on the same servers in the same run. Of two machines, or two runs,
compare the ratios.

  relay     events a second from a full outbox to one queue, beside raw confirms at a window of 1,000
              --events 50000  in each round
              --rounds 5
  consume   events a second that each job takes from a full queue, everything committed, beside a bare consumer
              --events 20000  in each measurement
              --rounds 3
              --jobs analytics,audit,availability,calendar,notifications
  encryption  what patients' keys cost the relay and the jobs, beside the plain form in the same run
              --events 20000  in each measurement, each of another patient
              --rounds 3
              --jobs notifications,analytics
  latency   from a booking's commit to the stored confirm, beside a bare publisher confirm
              --rate 200      bookings a second
              --seconds 10
              --rounds 5
  http      requests a second, beside the same framework and driver with the same statements and nothing else
              --seconds 3     for each measurement
              --rounds 5      of which the median counts; the two take turns in each
  send      mails, text messages and calendar entries a second from a backlog, beside the same transport alone
              --count 2000    of each, in each measurement
              --rounds 5
  whole     from bookings' commits to those of their effects, everything on this machine, beside a bare event's way
              --rates 20,200  bookings a second, one after the other
              --seconds 60
  growth    the relay's rate at the begin and at the end of a large outbox, and the answers of both services, beside empty ones
              --events 1000000
              --archived 10000000
              --inbox 10000000
              --sends 1000000
              --dead-letters 100000
              --rounds 20     for each route
  peers     events a second from an outbox to the broker, beside what a team would otherwise take for it
              --events 2000   in each round; ten times as many of this relay and of bare confirms
              --rounds 5
  start     milliseconds to readiness beside a bare server, memory and transactions when nothing happens
              --seconds 10    to look at it
              --rounds 5
              --node FILE     the program that runs the services; this one by default

  --json    the last line, for scripts`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: "string" },
    rates: { type: "string", default: "20,200" },
    seconds: { type: "string" },
    rounds: { type: "string" },
    count: { type: "string" },
    events: { type: "string" },
    jobs: { type: "string" },
    archived: { type: "string" },
    inbox: { type: "string" },
    sends: { type: "string" },
    "dead-letters": { type: "string" },
    node: { type: "string", default: process.execPath },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const benchmarks: Record<string, (session: Session) => Promise<Table>> = {
  relay,
  consume,
  encryption,
  latency,
  http,
  send,
  whole,
  growth,
  peers,
  start,
};

if (values.help || positionals.length === 0) {
  console.log(help);
} else {
  await runSession(async (session) => {
    const [name = ""] = positionals;
    const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
    if (!benchmark) {
      throw new StackError(`no benchmark "${name}": choose one of ${Object.keys(benchmarks).join(", ")}`);
    }
    session.report("starting PostgreSQL and RabbitMQ");
    Object.assign(process.env, await startTestServers(session, { durable: true }));
    const table = await benchmark(session);
    if (values.json) console.log(JSON.stringify(table));
    else console.table(table);
    return 0;
  });
}

async function relay(session: Session): Promise<Table> {
  const load = { events: positive("events", 50_000), rounds: positive("rounds", 5), window: 1_000 };
  return await measureRelayRate(load, session);
}

async function consume(session: Session): Promise<Table> {
  const jobs = values.jobs?.split(",") ?? Object.keys(queues);
  const unknown = jobs.find((job) => !Object.hasOwn(queues, job));
  if (unknown !== undefined) throw new StackError(`--jobs: no job "${unknown}" of ${Object.keys(queues).join(", ")}`);
  const load = { events: positive("events", 20_000), rounds: positive("rounds", 3), jobs };
  const { bare, ...rates } = await measureConsume(load, session);
  return besideBare(Object.fromEntries(Object.entries(rates).map(([name, own]) => [name, { own, bare: bare! }])));
}

async function encryption(session: Session): Promise<Table> {
  const jobs = values.jobs?.split(",") ?? ["notifications", "analytics"];
  return await measureEncryption({ events: positive("events", 20_000), rounds: positive("rounds", 3), jobs }, session);
}

async function latency(session: Session): Promise<Table> {
  const load = { rate: positive("rate", 200), seconds: positive("seconds", 10), rounds: positive("rounds", 5) };
  const clinic = await createClinic();
  session.releases.add("the clinic", clinic.remove);
  await clinic.startProducer();
  await createDoctors(clinic);
  return await measureLatency(clinic, load, (round, name) => {
    session.signal.throwIfAborted();
    session.report(`round ${round} of ${load.rounds}: ${name}, ${load.rate} a second for ${load.seconds} s`);
  });
}

async function http(session: Session): Promise<Table> {
  const rates = await measureHttp({ seconds: positive("seconds", 3), rounds: positive("rounds", 5) }, session);
  return besideBare(rates);
}

async function send(session: Session): Promise<Table> {
  return besideBare(await measureSend({ count: positive("count", 2_000), rounds: positive("rounds", 5) }, session));
}

function whole(session: Session): Promise<Table> {
  const rates = values.rates.split(",").map(Number);
  if (!rates.every((rate) => rate > 0)) throw new StackError("--rates are numbers above 0, with commas between");
  return measureWhole({ rates, seconds: positive("seconds", 60) }, session);
}

/** Medians of the rounds; the ratio is the median of their ratios. */
function besideBare(rates: Record<string, { own: number[]; bare: number[] }>): Table {
  const rows = Object.entries(rates).map(([kind, { own, bare }]) => {
    const [mine, base, ratio] = [median(own), median(bare), medianRatio(own, bare)];
    return [kind, { "this, a second": round(mine), "bare, a second": round(base), ratio: round(ratio, 2) }] as const;
  });
  return Object.fromEntries(rows);
}

async function growth(session: Session): Promise<Table> {
  const rounds = positive("rounds", 20);
  const consumer = await measureConsumerGrowth({
    inbox: positive("inbox", 10_000_000),
    sends: positive("sends", 1_000_000),
    deadLetters: positive("dead-letters", 100_000),
    rounds,
  }, session);
  const load = { events: positive("events", 1_000_000), archived: positive("archived", 10_000_000), rounds };
  return { ...consumer, ...await measureGrowth(load, session) };
}

function peers(session: Session): Promise<Table> {
  return measurePeers({ events: positive("events", 2_000), rounds: positive("rounds", 5) }, session);
}

function start(session: Session): Promise<Table> {
  const { node } = values;
  return measureStart({ rounds: positive("rounds", 5), seconds: positive("seconds", 10), node }, session);
}

type Count = "rate" | "seconds" | "rounds" | "count" | "events" | "archived" | "inbox" | "sends" | "dead-letters";

function positive(option: Count, otherwise: number): number {
  const value = Number(values[option] ?? otherwise);
  if (!(value > 0)) throw new StackError(`--${option} is a number above 0`);
  return value;
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
