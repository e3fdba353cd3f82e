import { parseArgs } from "node:util";
import { root } from "../local-files.ts";
import { runSession } from "../session.ts";
import { StackError } from "../stack/stack-error.ts";
import { type Outcome, runSchedule } from "./run-schedule.ts";
import { loadServices } from "./services.ts";
import { plant, weakenings } from "./weakenings.ts";

const help = `npm run simulate -- [--seed N] [--schedules N] [--minutes N] [--weakening NAME]

Runs the real code of the relay and of delivery against models of broker, database and clock, one seeded schedule of
crashes, delays, duplicates and lost connections after the other, and stops at the first broken promise: then it says
which seed shows it again, and exits with 1.

  --seed N          the first schedule; alone, only this one is run, and told (1)
  --schedules N     how many (10000)
  --minutes N       for so long instead
  --weakening NAME  with a guarantee taken out of the services' code, which has to be found; one of
${weakenings.map(({ name }) => `                      ${name}`).join("\n")}

simulation/README.md says what is modelled and what isn't.`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    schedules: { type: "string" },
    minutes: { type: "string" },
    weakening: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

/** A number of at least `min`, or undefined where it was not given. */
function numberOf(name: "seed" | "schedules" | "minutes", min: number): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !(number >= min) || (name !== "minutes" && !Number.isSafeInteger(number))) {
    throw new StackError(
      `--${name} is a${name === "minutes" ? "" : " whole"} number of at least ${min}, not "${text}"`,
    );
  }
  return number;
}

function tell({ trace, finding }: Outcome): void {
  for (const line of trace) console.log(`  ${line}`);
  console.log(finding ? `  broken: ${finding}` : "  nothing was broken");
}

if (values.help) console.log(help);
else {
  await runSession(async ({ report, releases, signal }) => {
    const seed = numberOf("seed", 0);
    const schedules = numberOf("schedules", 1);
    const minutes = numberOf("minutes", 0);
    const weakening = weakenings.find(({ name }) => name === values.weakening);
    if (values.weakening !== undefined && !weakening) {
      throw new StackError(`no weakening "${values.weakening}": --help names them`);
    }
    const copy = weakening && plant(root, weakening);
    if (copy) releases.add("the weakened copy", () => Promise.resolve(copy.remove()));
    const services = await loadServices(copy?.root ?? root);

    const first = seed ?? 1;
    const isOne = seed !== undefined && schedules === undefined && minutes === undefined;
    const last = minutes === undefined ? first + (isOne ? 1 : schedules ?? 10_000) : Infinity;
    const started = performance.now();
    const until = minutes === undefined ? Infinity : started + minutes * 60_000;
    let next = first;
    let reported = started;
    const rate = () => `${Math.round((next - first) / (performance.now() - started) * 1000)} a second`;
    while (next < last && performance.now() < until && !signal.aborted) {
      const outcome = await runSchedule(services, next++);
      if (outcome.finding || isOne) {
        if (outcome.finding) report(`broken after ${next - first} schedules`);
        tell(outcome);
        const again = `npm run simulate -- --seed ${next - 1}${weakening ? ` --weakening ${weakening.name}` : ""}`;
        if (outcome.finding) console.log(`again: ${again}`);
        return outcome.finding ? 1 : 0;
      }
      if (performance.now() - reported > 5_000) {
        reported = performance.now();
        report(`${next - first} schedules, ${rate()}`);
      }
    }
    report(`${next - first} schedules from seed ${first}, ${rate()}: nothing was broken`);
    return 0;
  });
}
