import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runSession } from "../session.ts";
import type { Releases } from "../stack/releases.ts";
import { StackError } from "../stack/stack-error.ts";
import { catalogue } from "./catalogue.ts";
import { type Run, runFault } from "./run-fault.ts";
import { type Servers, startServers } from "./servers.ts";
import type { Fault } from "./fault.ts";
import { findWeakening } from "./find-weakening.ts";
import { isRed, tableOf } from "./table.ts";
import { weakenings } from "./weakenings.ts";

const help = `npm run test:faults -- [--seed N] [--rounds N] [--only NAME[,NAME…]] [options]

Runs every fault of the catalogue at random moments under a steady load of bookings, moves and cancellations, on a
PostgreSQL and a RabbitMQ of its own. Then an oracle, which reads the API, the servers for mail, text messages and
calendars, and the audit export, says what of the acknowledged is lost or came twice. Ends with 1 where anything is.

  --seed N        of the first round (1); it repeats the moments, as far as processes can be repeated
  --rounds N      with the next seed each (1)
  --only NAMES    with commas between
  --rate N        requests a second (8)
  --recovery N    seconds that the effects may take when the fault is over (180)
  --leases        waits until the leases of the dead run out by themselves (minutes), instead of ending them by hand
  --weakened NAMES  instead: takes guarantees out of a copy of the services, with commas between or all; each has to be
                  found by the faults that are meant for it, in one of ROUNDS rounds, or it ends with 1
  --list          prints the names of the faults, and of the weakenings
  --verbose       prints what the services said after each run
  --json          prints one JSON object for each run`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "1" },
    only: { type: "string" },
    rate: { type: "string", default: "8" },
    recovery: { type: "string", default: "180" },
    leases: { type: "boolean", default: false },
    weakened: { type: "string" },
    list: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function wholeNumber(name: "seed" | "rounds" | "rate" | "recovery"): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 1) throw new StackError(`--${name} is a whole number above 0`);
  return number;
}

/** Those that are named with commas between. */
function chosen<Item extends { name: string }>(items: readonly Item[], names: string): Item[] {
  return names.split(",").map((name) => {
    const item = items.find((one) => one.name === name);
    if (!item) throw new StackError(`there is no "${name}": --list names them`);
    return item;
  });
}

const chosenFaults = () => values.only === undefined ? catalogue : chosen(catalogue, values.only);
const chosenWeakenings = (names: string) => names === "all" ? weakenings : chosen(weakenings, names);

if (values.help) console.log(help);
else if (values.list) { for (const { name } of catalogue) console.log(name); }
else {
  await runSession(async ({ report, releases, signal }) => {
    const [seed, rounds, rate, recovery] = (["seed", "rounds", "rate", "recovery"] as const).map(wholeNumber);
    const faults = chosenFaults();
    const folder = mkdtempSync(join(tmpdir(), "faults-"));
    releases.add("the folder", () => rmSync(folder, { recursive: true, force: true }));
    if (!values.json) report("starting PostgreSQL and RabbitMQ");
    const servers = await startServers(folder, releases);
    const common = { servers, perSecond: rate!, recoveryMs: recovery! * 1_000, waitsForLeases: values.leases };
    if (values.weakened !== undefined) {
      let missed = 0;
      for (const weakening of chosenWeakenings(values.weakened)) {
        if (signal.aborted) return 1;
        const { name, faults } = weakening;
        const runs = await findWeakening(weakening, {
          ...common,
          seed: seed!,
          rounds: rounds!,
          each: (run) => tell(run, report),
        });
        const last = runs.at(-1)!;
        const isFound = isRed(last) && !last.brokeOff;
        if (!isFound) missed++;
        const by = isFound ? `found by ${last.fault}, seed ${last.seed}` : `NOT FOUND by ${faults.join(", ")}`;
        report(`weakened, ${name}: ${by}`);
      }
      return missed > 0 ? 1 : 0;
    }
    const { serversFor, replaceFor } = keepServers(servers, folder, releases);
    const runs: Run[] = [];
    const left: string[] = [];
    for (let round = 0; round < rounds!; round++) {
      for (const fault of faults) {
        if (signal.aborted) return 1;
        const why = fault.notHere?.();
        if (why !== undefined) {
          if (round === 0) left.push(`${fault.name} was not run: ${why}`);
          continue;
        }
        const run = await runFault({ ...common, servers: await serversFor(fault), fault, seed: seed! + round });
        runs.push(run);
        tell(run, report);
        if (run.brokeOff !== undefined) replaceFor(fault);
      }
    }
    if (!values.json) console.log(["", ...tableOf(runs), ...left].join("\n"));
    return runs.some(isRed) ? 1 : 0;
  });
}

/** One set of servers for all faults, and one with a cluster from when it is needed. */
function keepServers(first: Servers, folder: string, releases: Releases) {
  const kinds = new Map([["one", Promise.resolve(first)]]);
  let started = 1;
  const kindOf = ({ needsCluster }: Fault) => needsCluster ? "cluster" : "one";
  return {
    serversFor(fault: Fault): Promise<Servers> {
      const kind = kindOf(fault);
      const servers = kinds.get(kind) ?? startServers(join(folder, String(++started)), releases, kind);
      kinds.set(kind, servers);
      return servers;
    },
    /** What broke off may have broken them: the next fault is not to be red for that. */
    replaceFor: (fault: Fault) => void kinds.delete(kindOf(fault)),
  };
}

function tell({ log, ...run }: Run, report: (line: string) => void): void {
  if (values.json) return console.log(JSON.stringify(run));
  const { fault, seed, acknowledged, lost, doubled, wrong, unknown, recoveryMs, brokeOff } = run;
  const problems = [
    ...lost.map((one) => `lost: ${one}`),
    ...doubled.map((one) => `doubled: ${one}`),
    ...wrong,
    ...(brokeOff === undefined ? [] : [`broke off: ${brokeOff}`]),
  ];
  report(
    `${fault}, seed ${seed}: ${acknowledged} acknowledged, ${problems.length === 0 ? "all right" : "RED"}, ` +
      `${unknown} unknown, after ${(recoveryMs / 1000).toFixed(1)} s`,
  );
  for (const problem of problems.slice(0, 20)) console.log(`    ${problem}`);
  if (problems.length > 20) console.log(`    and ${problems.length - 20} more`);
  if (values.verbose) console.log(log.join("\n"));
}
