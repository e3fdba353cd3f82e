import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../src/cli/command-line.ts";
import { commands } from "../src/cli/commands.ts";
import { noProgress } from "../src/cli/progress.ts";
import { type Call, callsOf, wrongCalls } from "./support/calls.ts";
import { startProcess } from "./support/consumer-process.ts";
import { signerOf, writeSigner } from "../src/jobs/audit/signed-note.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";
import { createTestVhost, type TestVhost } from "./support/test-vhost.ts";

/** Every way to call every command, as its usage has it. Where nothing has run yet, --missing has to be told from when. */
const calls = commands.flatMap(callsOf).map((call) =>
  call.words.includes("--missing") ? { ...call, words: [...call.words, "--from", "2026-03-01T00:00:00Z"] } : call
);
const nowhere = "127.0.0.1:1";
/** A port that fetch allows, and that no system gives out by itself. */
const silent = "http://127.0.0.1:61999";
/** Without any setting. */
const alone = ["describe", "new-key"];

let database: TestDatabase;
let vhost: TestVhost;
let settings: Record<string, string>;

beforeAll(async () => {
  [database, vhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
  settings = {
    DATABASE_URL: database.url,
    AMQP_URL: vhost.amqpUrl,
    PRODUCER_OPS_URL: silent,
    PRODUCER_OPS_KEY: "ops-key",
    AUDIT_CHECKPOINT_DIR: "/var/empty/never-made",
    AUDIT_SIGNING_KEY: writeSigner(signerOf("clinic.example/audit", randomBytes(32))),
    CALDAV_URL: `http://${nowhere}/`,
    CALDAV_USERNAME: "clinic",
    CALDAV_PASSWORD: "secret",
  };
});
afterAll(async () => {
  await database?.drop();
  await vhost?.drop();
});

/** What `consumer …` with these settings does, in this process. */
async function run(words: string[], environment: Record<string, string> = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await runCommandLine(words, {
    environment,
    print: (line) => stdout.push(line),
    note: (line) => stderr.push(line),
    progress: noProgress,
    serve: () => Promise.reject(new Error("nobody serves here")),
  });
  return { code, stdout, stderr };
}

/** One line that says what is wrong; then, for a wrong call, the usage. Never a stack. */
function expectOneLine(stderr: string[], line: RegExp): void {
  expect(stderr).toHaveLength(1);
  expect(stderr[0]).toMatch(line);
  expect(stderr[0]).not.toMatch(/^\s+at /m);
  expect(stderr[0]!.split("\n\n")[0]).not.toContain("\n");
}

test("the overview names every command, what --json prints and the exit codes", async () => {
  const { code, stdout: [overview = ""] } = await run(["--help"]);
  expect(code).toBe(0);
  const names = [...overview.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name);
  expect(names).toEqual(["serve", ...commands.map(({ name }) => name)]);
  expect(overview).toMatch(/--json[^]*one document[^]*standard error[^]*Exit codes: 0[^]*1[^]*2[^]*3[^]*141/);
});

test.each(
  [
    [[], 2, "stderr", /^Usage: consumer/],
    [["help"], 0, "stdout", /^Usage: consumer/],
    [["-h"], 0, "stdout", /^Usage: consumer/],
    [["nope"], 2, "stderr", /^consumer has no command "nope"\n\nUsage: consumer/],
    [["toString"], 2, "stderr", /^consumer has no command "toString"/],
  ] as const,
)("consumer %j ends with %i and says it on %s", async (words, code, where, said) => {
  const ended = await run([...words]);
  expect(ended.code).toBe(code);
  expect(ended[where]).toEqual([expect.stringMatching(said)]);
  expect(ended[where === "stdout" ? "stderr" : "stdout"]).toEqual([]);
});

test.each(commands.filter((command) => callsOf(command).some(({ action }) => action)))(
  "consumer $name without an action, or with one that it doesn't have, names those that there are",
  async ({ name, usage }) => {
    const actions = new Set(callsOf({ usage }).map(({ action }) => action!));
    for (const words of [[name], [name, "nope"]]) {
      const { code, stderr: [said = ""] } = await run(words, settings);
      expect(code).toBe(2);
      for (const action of actions) expect(said.split("\n\n")[0], words.join(" ")).toContain(action);
    }
  },
);

describe.each(calls)("$synopsis", (call: Call) => {
  test("is explained without any setting, and says what --json prints", async () => {
    const { code, stdout, stderr } = await run([...call.words.slice(1), "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: [] });
    expect(stdout).toHaveLength(1);
    expect(stdout[0]).toMatch(/^Usage: consumer /);
    expect(call.synopsis).toContain("[--json]");
    expect(stdout[0]).toMatch(/JSON/);
  });

  test("refuses what it doesn't know and what is missing, with its usage, and names what may stand there", async () => {
    const wrong = wrongCalls(call);
    expect(wrong.length).toBeGreaterThan(0);
    for (const { words, why } of wrong) {
      const { code, stdout, stderr } = await run(words.slice(1), settings);
      expect({ code, stdout }, words.join(" ")).toEqual({ code: 2, stdout: [] });
      expectOneLine(stderr, /\S.*\n\nUsage: consumer /);
      for (const part of why) expect(stderr[0]!.split("\n\n")[0], words.join(" ")).toContain(part);
    }
  });

  test.skipIf(alone.some((word) => call.words.includes(word)))("says which settings are missing", async () => {
    const { code, stdout, stderr } = await run(call.words.slice(1));
    expect({ code, stdout }).toEqual({ code: 1, stdout: [] });
    expect(stderr.join("\n")).toMatch(/DATABASE_URL is missing/);
    expect(stderr.join("\n")).not.toMatch(/^\s+at /m);
  });

  test("prints with --json nothing but JSON, and says why it could not", async () => {
    const { code, stdout, stderr } = await run([...call.words.slice(1), "--json"], settings);
    for (const line of stdout) expect(JSON.parse(line)).toEqual(expect.any(Object));
    // Nothing is there yet, so some have nothing to do and no archive to read; the notes are not on standard output.
    expect([0, 1, 3], stderr.join("\n")).toContain(code);
    for (const line of stderr) expect(line).not.toContain("\n");
    expect(stdout.length + stderr.length).toBeGreaterThan(0);
  });
});

/** What each of the parts that are away is known by. */
const away: Record<string, { settings: Record<string, string>; said: RegExp }> = {
  database: { settings: { DATABASE_URL: `postgres://nobody@${nowhere}/x` }, said: /connect ECONNREFUSED 127.0.0.1:1$/ },
  broker: { settings: { AMQP_URL: `amqp://${nowhere}` }, said: /No connection to RabbitMQ: .*ECONNREFUSED/ },
  archive: { settings: { PRODUCER_OPS_URL: silent }, said: /(GET|POST) .*(ECONNREFUSED|Connection refused)/ },
};

/** What a call asks; a new command is taken for one that asks the database. */
function asks({ words: [, name, action] }: Call): string[] {
  if (name === "reconcile" || (name === "patients" && action === "export")) return ["database", "archive"];
  if (name === "replay") return ["broker", "archive"];
  // Of the status it is a part of the answer that something is away.
  if (name === "describe" || name === "status") return [];
  if (["new-key", "public-key", "verify-receipt"].includes(action ?? "")) return [];
  return name === "queues" || (name === "dlq" && action === "replay") ? ["database", "broker"] : ["database"];
}

test("a part that is away is named in one line, with exit code 1, by every command that asks it", async () => {
  await Promise.all(calls.map(async (call) => {
    // One after the other, since some commands may run once at a time.
    for (const [part, { settings: changed, said }] of Object.entries(away)) {
      const { code, stdout, stderr } = await run(call.words.slice(1), { ...settings, ...changed });
      if (!asks(call).includes(part)) expect(stderr.join(), call.synopsis).not.toMatch(said);
      else {
        expect({ code, stdout }, call.synopsis).toEqual({ code: 1, stdout: [] });
        expectOneLine(stderr, new RegExp(`^consumer ${call.words[1]} failed: .*${said.source}`));
      }
    }
  }));
});

test("no command leaves anything behind that would keep its process alive, done or failed", async () => {
  const every = calls.map(({ words }) => words.slice(1));
  const variables = [settings, ...Object.values(away).map(({ settings: changed }) => ({ ...settings, ...changed }))];
  const running = startProcess("tests/support/every-call.ts", {}, [JSON.stringify({ every, variables })]);
  expect(await running.exited, running.output.join("\n")).toBe(0);
  expect(running.output).toEqual([`${every.length * variables.length} calls ended`]);
});
