import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendAudit } from "../src/jobs/audit/audit-log.ts";
import { sealOutcomes } from "../src/jobs/audit/chain-store.ts";
import { signerOf, writeSigner } from "../src/jobs/audit/signed-note.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
/** An export that no pipe takes at once. */
const rows = 500;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (let row = 0; row < rows; row++) {
    const occurredAt = new Date("2026-03-01T00:00:00Z");
    await appendAudit(database.sql, { occurredAt, job: "audit", action: "recorded", detail: { row } });
  }
  await sealOutcomes(database.sql, rows);
});
afterAll(() => database?.drop());

function executable(words: string[], variables: Record<string, string> = {}) {
  const { PATH = "", HOME = "" } = process.env;
  const settings = {
    DATABASE_URL: database.url,
    AMQP_URL: "amqp://127.0.0.1:1",
    AUDIT_CHECKPOINT_DIR: "/var/empty/never-made",
    AUDIT_SIGNING_KEY: writeSigner(signerOf("clinic.example/audit", randomBytes(32))),
  };
  const env = { PATH, HOME, ...settings, ...variables };
  return spawn(join(folder, "bin/consumer"), words, { env, stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs the executable; nobody reads what it prints. */
async function closedAtOnce(words: string[]) {
  const child = executable(words);
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  return { code, stderr };
}

/** Runs a command in whose process a library leaves this rejection to nobody. */
async function whileRejecting(rejection: string) {
  const listening = 'process.listenerCount("unhandledRejection") > 0';
  const code =
    `const timer = setInterval(() => ${listening} && (clearInterval(timer), Promise.reject(${rejection})), 1)`;
  const child = executable(["audit", "verify"], { NODE_OPTIONS: `--import=data:text/javascript,${encodeURI(code)}` });
  const [stderr, [ended]] = await Promise.all([text(child.stderr), once(child, "close")]);
  return { code: ended, stderr };
}

test("who wants no more than the first line gets no complaint", async () => {
  for (const words of [["--help"], ["audit", "export"], ["describe"]]) {
    expect(await closedAtOnce(words), words.join(" ")).toEqual({ code: 141, stderr: "" });
  }
});

test("serve explains itself, and refuses what it doesn't know", async () => {
  const ended = (words: string[]) => {
    const child = executable(words);
    return Promise.all([text(child.stdout), text(child.stderr), once(child, "close").then(([code]) => code)]);
  };
  expect(await ended(["serve", "--help"])).toEqual([expect.stringMatching(/^Usage: consumer serve/), "", 0]);
  const refused = expect.stringMatching(/^Unknown option '--frsh'.*\n\nUsage: consumer serve/);
  expect(await ended(["serve", "--frsh"])).toEqual(["", refused, 2]);
  expect(await ended(["serve", "--only", "nope"])).toEqual(["", expect.stringMatching(/^JOBS .*notifications/m), 1]);
});

const onNode = !("deno" in process.versions);

test.runIf(onNode)(
  "a rejection that nobody handles ends a command with one line, unless the driver dropped it",
  async () => {
    expect(await whileRejecting(`new Error("of\\na library")`)).toEqual({
      code: 1,
      stderr: "consumer failed: of a library\n",
    });
    const dropped = `Object.assign(new Error("lost"), { code: "CONNECTION_CLOSED", query: "rollback" })`;
    expect((await whileRejecting(dropped)).code).toBe(3);
  },
);
