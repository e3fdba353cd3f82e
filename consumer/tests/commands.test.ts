import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendAudit } from "../src/jobs/audit/audit-log.ts";
import { sealOutcomes } from "../src/jobs/audit/chain-store.ts";
import { type Ended, runCommand } from "./support/run-command.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";
import { createTestVhost, type TestVhost } from "./support/test-vhost.ts";

const visit = "0190a6a4-5d3c-7cc1-8a5b-1f2e3d4c5b6a";
const day = ["--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02T00:00:00Z"];

interface Case {
  command: string;
  /** As it is called rightly; what makes it wrong; what it asks. */
  args: string[];
  wrong: string[];
  asks: ("database" | "broker" | "archive")[];
}

/** Each command of the command line, and each of its actions. */
const cases: Case[] = [
  { command: "audit verify", args: [], wrong: ["now"], asks: ["database"] },
  { command: "audit export", args: [], wrong: ["--from", "yesterday"], asks: ["database"] },
  { command: "calendar list", args: [], wrong: ["a", "b", "c"], asks: ["database"] },
  { command: "calendar overwrite", args: [visit, "dr-who"], wrong: ["too much"], asks: ["database"] },
  { command: "calendar leave", args: [visit, "dr-who"], wrong: ["too much"], asks: ["database"] },
  { command: "describe", args: [], wrong: ["everything"], asks: [] },
  { command: "dlq list", args: [], wrong: ["--job", "analytic"], asks: ["database"] },
  { command: "dlq show", args: ["1"], wrong: ["x"], asks: ["database"] },
  { command: "dlq replay", args: ["1"], wrong: ["--all", "--job", "analytic"], asks: ["database", "broker"] },
  { command: "dlq discard", args: ["1", "--why", "a test"], wrong: ["--job", "analytic"], asks: ["database"] },
  {
    command: "queues recreate",
    args: ["apt.notifications.queue"],
    wrong: ["apt.notification.queue"],
    asks: ["database", "broker"],
  },
  { command: "replay", args: ["--job", "audit", ...day], wrong: ["--job", "x"], asks: ["broker", "archive"] },
  { command: "sends list", args: [], wrong: ["--state", "lost"], asks: ["database"] },
  { command: "sends show", args: ["1"], wrong: ["x"], asks: ["database"] },
  { command: "sends settle", args: ["1", "--as", "sent"], wrong: ["--as", "maybe"], asks: ["database"] },
  { command: "sends resend", args: ["1"], wrong: ["x"], asks: ["database"] },
];
const words = ({ command, args }: Case) => [...command.split(" "), ...args];
const nowhere = "127.0.0.1:1";
const rows = 500;

let database: TestDatabase;
let vhost: TestVhost;
let settings: Record<string, string>;

beforeAll(async () => {
  [database, vhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
  settings = {
    DATABASE_URL: database.url,
    AMQP_URL: vhost.amqpUrl,
    PRODUCER_OPS_URL: "http://127.0.0.1:59999",
    PRODUCER_OPS_KEY: "ops-key",
    AUDIT_CHECKPOINT_DIR: "/var/empty/never-made",
    AUDIT_HMAC_KEY: "secret",
    CALDAV_URL: `http://${nowhere}/`,
    CALDAV_USERNAME: "clinic",
    CALDAV_PASSWORD: "secret",
  };
  for (let row = 0; row < rows; row++) {
    const occurredAt = new Date("2026-03-01T00:00:00Z");
    await appendAudit(database.sql, { occurredAt, job: "audit", action: "recorded", detail: { row } });
  }
  await sealOutcomes(database.sql, rows);
});
afterAll(async () => {
  await database.drop();
  await vhost.drop();
});

/** One line that says what is wrong; then, for a wrong call, the usage. Never a stack. */
function expectOneLine({ stderr }: Ended, line: RegExp): void {
  expect(stderr).toMatch(line);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.split(/\n\n|\n$/)[0]).not.toContain("\n");
}

test("the table names every command that the overview names", async () => {
  const { stdout } = await runCommand(["--help"], {});
  const named = [...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect([...new Set(cases.map(({ command }) => command.split(" ")[0]))]).toEqual(named);
});

test.each([[["nope"], 2], [[], 2], [["help"], 0], [["-h"], 0]] as const)("%j ends with %i", async (args, code) => {
  expect((await runCommand(args, {})).code).toBe(code);
});

describe.concurrent.each(cases)("consumer $command", (one) => {
  test("is explained without any setting", async () => {
    const ended = await runCommand([...one.command.split(" "), "--help"], {});
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toContain(`consumer ${one.command}`);
  });

  test("refuses an option and a value that it doesn't know, with its usage", async () => {
    for (const wrong of [["--frsh"], one.wrong]) {
      const ended = await runCommand([...one.command.split(" "), ...wrong], settings);
      expect(ended, wrong.join(" ")).toMatchObject({ code: 2, stdout: "" });
      expectOneLine(ended, /\S.*\n\nUsage: consumer /);
    }
  });

  test("ends quietly when nobody reads what it prints", async () => {
    const ended = await runCommand([...one.command.split(" "), "--help"], {}, { closed: true });
    expect(ended).toMatchObject({ code: 141, stderr: "" });
  });

  test.runIf(one.asks.length > 0)("says which settings are missing", async () => {
    const { code, stderr } = await runCommand(words(one), {});
    expect(code).toBe(1);
    expect(stderr).toMatch(/DATABASE_URL/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test.each(one.asks)("with the %s away ends with one line and exit code 1", async (what) => {
    const away = {
      database: { DATABASE_URL: `postgres://nobody@${nowhere}/x` },
      broker: { AMQP_URL: `amqp://${nowhere}` },
      archive: { PRODUCER_OPS_URL: "http://127.0.0.1:59999" },
    }[what];
    const ended = await runCommand(words(one), { ...settings, ...away });
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    const said = { database: /ECONNREFUSED/, broker: /No connection to RabbitMQ/, archive: /GET .*ECONNREFUSED/ }[what];
    expectOneLine(ended, new RegExp(`^consumer ${one.command.split(" ")[0]} failed: .*${said.source}`));
  });
});

test("the first line of a long export is enough for who wants no more", async () => {
  const whole = await runCommand(["audit", "export"], settings);
  expect(whole.stdout.split("\n")).toHaveLength(rows + 1);
  expect(await runCommand(["audit", "export"], settings, { closed: true })).toMatchObject({ code: 141, stderr: "" });
});
