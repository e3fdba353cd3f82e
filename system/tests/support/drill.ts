import process from "node:process";
import { expect } from "vitest";
import { waitFor } from "../../stack/wait-for.ts";
import { book } from "./book.ts";
import { countEffects, eachOnce } from "./effects.ts";
import type { RehearsedSystem } from "./rehearsed-system.ts";
import { type Section, sections, stepsOf } from "./runbooks.ts";
import { tryToBook } from "./try-to-book.ts";

/** What a person sees of an incident, and where it leads. */
export interface Drill {
  name: string;
  /** In `consumer status`. */
  symptom: RegExp;
  /** What the same line names as the runbook. */
  runbook: string;
  /** What following it up to the cause has said. */
  cause: RegExp;
  /** What bookings are answered meanwhile. */
  answers?: number;
}

/** Shows that a drill can fail: LEAVE_OUT="How you mend it" follows the runbook without that section. */
const leftOut = process.env["LEAVE_OUT"];
const overWithinMs = leftOut ? 15_000 : 150_000;
const status = "npm run consumer -- status";
let booked = 0;

/** Brings the incident about, and has the runbook that status names followed to the letter. */
export async function practise(system: RehearsedSystem, { name, symptom, runbook, cause, answers = 201 }: Drill) {
  await until(system, status, ({ output }) => /^GREEN/m.test(output), 90_000);
  await book(system, booked++);
  const { notice } = await system.rehearse(name);
  expect(notice).toMatch(new RegExp(`^${name}: .*What a person notices: .*--undo$`));
  for (let n = 0; n < 3; n++) expect((await tryToBook(system, booked++)).status).toBe(answers);

  const seen = await until(system, status, ({ output }) => symptom.test(output), 150_000);
  const line = seen.split("\n").find((one) => symptom.test(one) && one.includes("(docs/"))!;
  const [, file = ""] = /\(docs\/operate\/([\w-]+\.md)\)/.exec(line) ?? [];
  expect(file, seen).toBe(runbook);

  const steps = stepsOf({ text: system.readRunbook(file) });
  // Status has been seen by now, of which each leads on.
  expect([...new Set(steps.map(({ section }) => section))]).toEqual(expect.arrayContaining(sections.slice(1)));
  const said = new Map<Section, string>();
  const values: Record<string, string> = { TEXT: "'it was a rehearsal'" };
  for (const { section, line } of steps) {
    if (section === leftOut) continue;
    const typed = fillIn(line, values);
    const output = section === "How you know that it is over"
      ? await until(system, typed, (ran) => isOver(typed, ran), overWithinMs)
      : (await system.run(typed)).output;
    said.set(section, `${said.get(section) ?? ""}$ ${typed}\n${output}\n`);
    Object.assign(values, columnsOf(output));
  }
  expect(said.get("How you find the cause")).toMatch(cause);
  await expectEachOnce(system);
  const ended = await system.run(`npm run --silent rehearse -- ${name} --undo`);
  expect(ended.code, ended.output).toBe(0);
  await until(system, status, ({ output }) => /^GREEN/m.test(output), 90_000);
}

/** Green again, and what is looked at last is empty. */
function isOver(line: string, { code, output }: { code: number | null; output: string }): boolean {
  return line === status ? /^GREEN/m.test(output) : code === 0 && !/^(ID|PID|APPOINTMENT) /m.test(output);
}

/** Types it again and again, as whoever waits for something does. Answers what it printed at last. */
async function until(
  system: RehearsedSystem,
  line: string,
  isSo: (ran: { code: number | null; output: string }) => boolean,
  timeoutMs: number,
): Promise<string> {
  let last = { code: null as number | null, output: "" };
  const look = async () => isSo(last = await system.run(line));
  await waitFor(line, look, { timeoutMs, intervalMs: 250 }).catch((cause) => {
    throw new Error(`${cause.message}; it said at last:\n${last.output}`, { cause });
  });
  return last.output;
}

/** What stands for something is the column of that name in the first row of the last table. */
function fillIn(line: string, values: Record<string, string>): string {
  return line.replaceAll(/\b[A-Z]{2,}\b/g, (word) => {
    if (values[word] === undefined) throw new Error(`nothing has said what ${word} of "${line}" is`);
    return values[word];
  });
}

/** Of a table whose columns are as wide as what stands in them. */
function columnsOf(output: string): Record<string, string> {
  const lines = output.split("\n");
  const header = lines.findIndex((line) => /^(ID|PID|APPOINTMENT) +[A-Z]/.test(line));
  const row = lines[header + 1];
  if (header < 0 || row === undefined) return {};
  const names = [...lines[header]!.matchAll(/\S+(?: \S+)*/g)];
  return Object.fromEntries(names.map(({ 0: name, index }, n) => [name, row.slice(index, names[n + 1]?.index).trim()]));
}

/** Every visit that was booked, by whomever; one that has moved since has more to tell. */
async function expectEachOnce(system: RehearsedSystem): Promise<void> {
  const visits = await system.producerSql<{ id: string; patientEmail: string }[]>`
    SELECT id, patient_email AS "patientEmail" FROM appointments WHERE version = 1`;
  expect(visits.length).toBeGreaterThan(0);
  const others = async () => {
    const effects = await system.effects();
    const counts = await Promise.all(visits.map((visit) => countEffects(effects, visit)));
    return counts.filter((count) => JSON.stringify(count) !== JSON.stringify(eachOnce));
  };
  await expect.poll(others, { timeout: overWithinMs, interval: 500 }).toEqual([]);
}
