import { parseArgs } from "node:util";
import process from "node:process";
import { createDoctor } from "../doctor.ts";
import { runSession } from "../session.ts";
import { StackError } from "../stack/stack-error.ts";
import { startTestServers } from "../test-servers.ts";
import { createClinic } from "../tests/support/clinic.ts";
import { measureBareConfirm, measureRelay } from "./latency.ts";
import { percentile } from "./percentile.ts";

const help = `npm run bench -- latency [--rate 200] [--seconds 10]

Books so many visits a second against a producer of its own and prints how long the events take from the commit to the
broker's confirm, beside a bare publisher confirm on the same broker in the same run. Of two machines, or two runs,
compare the ratios.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: "string", default: "200" },
    seconds: { type: "string", default: "10" },
    help: { type: "boolean", default: false },
  },
});

if (values.help || positionals.length === 0) {
  console.log(help);
} else {
  await runSession(async (session) => {
    if (positionals[0] !== "latency") throw new StackError(`no benchmark "${positionals[0]}": there is latency`);
    const load = { rate: Number(values.rate), seconds: Number(values.seconds) };
    if (!(load.rate > 0 && load.seconds > 0)) throw new StackError("--rate and --seconds are numbers above 0");

    session.report("starting PostgreSQL and RabbitMQ");
    Object.assign(process.env, await startTestServers(session, { durable: true }));
    const clinic = await createClinic();
    session.releases.add("the clinic", clinic.remove);
    await clinic.startProducer();
    await createDoctor(clinic.api, clinic.apiKey);

    session.report(`bare confirms, ${load.rate} a second for ${load.seconds} s`);
    const bare = await measureBareConfirm(clinic.amqp, load);
    session.report(`bookings, ${load.rate} a second for ${load.seconds} s`);
    const relayed = await measureRelay(clinic, load);

    const row = (part: number) => {
      const [own, base] = [percentile(relayed, part), percentile(bare, part)];
      return { "commit → confirm, ms": round(own), "bare confirm, ms": round(base), ratio: round(own / base) };
    };
    console.table({ p50: row(0.5), p99: row(0.99) });
    return 0;
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
