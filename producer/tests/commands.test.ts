import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const start = "deno" in process.versions ? ["run", "--allow-all"] : ["--import", "tsx"];
let database: PrivateDatabase;

beforeAll(async () => {
  database = await createPrivateDatabase();
});
afterAll(() => database.drop());

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `producer …` with these settings only; `closed` reads nothing of what it prints. */
async function run(args: string[], settings: Record<string, string> = {}, { closed = false } = {}): Promise<Ended> {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [...start, "src/cli.ts", ...args], {
    cwd: folder,
    env: { PATH, HOME, NO_COLOR: "1", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  if (closed) child.stdout.destroy();
  else child.stdout.on("data", (text) => stdout += text);
  child.stderr.on("data", (text) => stderr += text);
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

/** One line that says what is wrong, and no stack. */
const oneLine = /^\S[^\n]*\n?$/;

test("the overview names every command, and each explains itself without any setting", async () => {
  const { code, stdout } = await run(["--help"]);
  expect(code).toBe(0);
  const names = [...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name = ""]) => name);
  expect(names).toEqual(["serve", "migrate", "patients", "keys", "locks", "describe", "openapi"]);
  await Promise.all(names.map(async (name) => {
    expect(await run([name, "--help"])).toEqual({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^Usage: producer ${name}`)),
      stderr: "",
    });
    const wrong = await run([name, "--frsh"]);
    expect(wrong, name).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(new RegExp(`^Unknown option '--frsh'.*\\n\\nUsage: producer ${name}`));
  }));
});

test("a command that there is not, and none at all, end with 2 and the overview", async () => {
  expect(await run([])).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^Usage: producer COMMAND/) });
  expect((await run(["serve", "--json"])).stderr).toMatch(/^Unknown option '--json'/);
  expect(await run(["migrat"])).toEqual({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(/^producer has no command "migrat"\n\nUsage: producer/),
  });
});

test("describe and openapi print one JSON document, and end quietly when nobody reads it", async () => {
  await Promise.all(["describe", "openapi"].map(async (name) => {
    const { code, stdout, stderr } = await run([name, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(Object.keys(JSON.parse(stdout)).length).toBeGreaterThan(2);
    expect(await run([name], {}, { closed: true }), name).toEqual({ code: 141, stdout: "", stderr: "" });
  }));
});

test("migrate says what it did, in words and as JSON, and why it could not", async () => {
  const settings = { DATABASE_URL: database.url, AMQP_URL: "amqp://127.0.0.1:1", API_KEYS: "" };
  const needed = await run(["migrate"]);
  expect(needed).toMatchObject({ code: 1, stdout: "" });
  expect(needed.stderr).toContain("DATABASE_URL");
  expect(needed.stderr).not.toMatch(/^\s+at /m);

  expect((await run(["migrate"], settings)).stdout).toBe("The database is up to date\n");
  expect(JSON.parse((await run(["migrate", "--json"], settings)).stdout)).toEqual({ applied: [] });
  const away = await run(["migrate"], { ...settings, DATABASE_URL: "postgres://nobody@127.0.0.1:1/x" });
  expect(away).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(oneLine) });
  expect(away.stderr).toMatch(/^producer migrate failed: .*ECONNREFUSED/);
});

/** The settings of a process in which a library leaves this rejection to nobody, as soon as somebody listens. */
function rejecting(rejection: string) {
  const listening = 'process.listenerCount("unhandledRejection") > 0';
  const code =
    `const timer = setInterval(() => ${listening} && (clearInterval(timer), Promise.reject(${rejection})), 1)`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURI(code)}` };
}

test.skipIf("deno" in process.versions)(
  "a rejection that nobody handles ends a command with one line, unless the driver dropped it",
  async () => {
    const settings = { DATABASE_URL: database.url, AMQP_URL: "amqp://127.0.0.1:1", API_KEYS: "" };
    expect(await run(["migrate"], { ...settings, ...rejecting(`new Error("of\\na library")`) })).toMatchObject({
      code: 1,
      stderr: "producer migrate failed: of a library\n",
    });
    const dropped = `Object.assign(new Error("lost"), { code: "CONNECTION_CLOSED", query: "rollback" })`;
    expect(await run(["migrate"], { ...settings, ...rejecting(dropped) })).toMatchObject({ code: 0, stderr: "" });
  },
);
