import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  createUserCheckout,
  pressCtrlC,
  type StartOptions,
  user,
  type UserCheckout,
} from "../support/user-checkout.ts";

let clone: UserCheckout;
beforeAll(() => {
  clone = createUserCheckout();
}, 120_000);
afterEach(() => clone.stopAll());
afterAll(() => clone.remove());

async function effectsOf(stack: Record<string, string>, id: string) {
  const inJson = async (url: string) =>
    (await (await fetch(url)).json() as unknown[]).map((item) => JSON.stringify(item));
  const [mails, entries] = await Promise.all([inJson(`${stack.mail}/messages`), inJson(`${stack.calendar}/resources`)]);
  const sql = postgres(stack.consumerDatabase!, { max: 1 });
  const [rows] = await sql`SELECT
    (SELECT count(*)::int FROM availability_visits WHERE appointment_id = ${id} AND status = 'booked') AS availability,
    (SELECT count(*)::int FROM audit_outcomes WHERE aggregate_id = ${id} AND action = 'recorded') AS audit,
    (SELECT count(*)::int FROM analytics_bookings WHERE appointment_id = ${id}) AS analytics`;
  await sql.end();
  return { mails: mails.length, calendar: entries.filter((entry) => entry.includes(id)).length, ...rows };
}

async function statusOf({ api, apiKey }: Record<string, string>, id: string): Promise<number> {
  return (await fetch(`${api}/v1/appointments/${id}`, { headers: { "x-api-key": apiKey! } })).status;
}

test("npm start installs itself, serves a normal user in a path with spaces, and finds its data again", async ({ onTestFailed }) => {
  const first = clone.npmStart();
  onTestFailed(() => clone.running.forEach(({ output }) => console.log(output())));
  const stack = await clone.untilReady();
  expect(Object.keys(stack)).toEqual([
    "api",
    "ops",
    "apiKey",
    "doctorId",
    "amqp",
    "rabbitmqManagement",
    "producerDatabase",
    "consumerDatabase",
    "mail",
    "sms",
    "calendar",
  ]);

  const curlLine = () => /^curl -i .*\\\n.*$/m.exec(first.output())?.[0];
  await expect.poll(curlLine).toBeDefined();
  const answer = execFileSync("sh", ["-c", curlLine()!], { encoding: "utf8", stdio: "pipe" });
  expect(answer).toMatch(/^HTTP\/1.1 201/);
  const { id } = JSON.parse(answer.split("\r\n\r\n")[1]!);
  await expect.poll(() => effectsOf(stack, id))
    .toEqual({ mails: 2, calendar: 1, availability: 1, audit: 1, analytics: 1 });

  const second = clone.npmStart();
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain("npm start already runs in this checkout");

  pressCtrlC(first.child);
  await first.ended;
  await expect.poll(() => clone.leftovers(), { timeout: 30_000 }).toEqual([]);
  expect(existsSync(clone.stackFile)).toBe(false);

  const third = clone.npmStart();
  const again = await clone.untilReady();
  expect(third.output()).not.toContain("installing");
  expect(await statusOf(again, id)).toBe(200);
  expect(await effectsOf(again, id)).toEqual({ mails: 2, calendar: 1, availability: 1, audit: 1, analytics: 1 });
  pressCtrlC(third.child);
  await third.ended;
  await expect.poll(() => clone.leftovers(), { timeout: 30_000 }).toEqual([]);

  // As whoever runs the tests, which may be root.
  const fresh = clone.npmStart({ args: ["--fresh"], as: {} });
  const anew = await clone.untilReady();
  expect(await statusOf(anew, id)).toBe(404);
  expect(await effectsOf(anew, id)).toEqual({ mails: 0, calendar: 0, availability: 0, audit: 0, analytics: 0 });
  pressCtrlC(fresh.child);
  await fresh.ended;
  await expect.poll(() => clone.leftovers(), { timeout: 30_000 }).toEqual([]);

  if (!user.uid) return;
  const foreign = clone.npmStart();
  expect(await foreign.ended).toBe(1);
  expect(foreign.output()).toMatch(/belongs to another user/);
  expect(foreign.output()).not.toMatch(/^\s+at /m);
  clone.giveBack();
});

test("what a download needs and can't have is one clear line, exit code 1, and nothing is left running", async () => {
  const bin = join(clone.home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "apt-get"), "#!/bin/sh\necho 'E: the network is unreachable' >&2\nexit 100\n", {
    mode: 0o755,
  });
  rmSync(join(clone.folder, ".local/cache"), { recursive: true, force: true });
  const started = clone.npmStart({ env: { RABBITMQ_VIA: "unpacked", PATH: `${bin}:${process.env.PATH}` }, as: {} });
  expect(await started.ended).toBe(1);
  expect(started.output()).toMatch(/^RabbitMQ: .*the network is unreachable.*install the package rabbitmq-server/m);
  expect(started.output()).not.toMatch(/^\s+at /m);
  expect(clone.leftovers()).toEqual([]);
  clone.giveBack();
});

const wrongCalls: [string, StartOptions, RegExp][] = [
  ["a misspelt option", { args: ["--frsh"] }, /^Unknown option '--frsh'/m],
  ["a port beyond the last", { env: { PORT: "99999" } }, /^PORT=99999 is not a port: give a number from 1 to 65535$/m],
  ["a port that is no number", { env: { OPS_PORT: "http" } }, /^OPS_PORT=http is not a port/m],
  ["a port of the system's", { env: { PORT: "80" } }, /^port 80 is not allowed to this user \(EACCES\): set PORT/m],
  ["one port for both services", { env: { PORT: "4321", OPS_PORT: "4321" } }, /^PORT and OPS_PORT are both 4321/m],
];

test.each(wrongCalls)("%s is one clear line before anything is started", async (_name, options, line) => {
  const started = clone.npmStart(options);
  expect(await started.ended).not.toBe(0);
  expect(started.output()).toMatch(line);
  expect(started.output()).not.toMatch(/^\s+at |PostgreSQL: starting/m);
  expect(clone.leftovers()).toEqual([]);
});

test("what npm start runs ends with the npm that started it, and by npm run stop", async () => {
  const first = clone.npmStart();
  const { apiKey } = await clone.untilReady();
  // As `kill $!` does: npm alone, without the processes below it.
  first.child.kill("SIGKILL");
  await expect.poll(() => clone.leftovers(), { timeout: 60_000 }).toEqual([]);

  const second = clone.npmStart();
  const again = await clone.untilReady();
  expect(again.apiKey).toBe(apiKey);
  const pages = [`${again.api}/`, again.ops!, again.mail!, again.sms!, `${again.calendar}/resources`];
  for (const page of pages) expect((await fetch(page)).status, page).toBe(200);
  const stop = spawn("npm", ["run", "stop"], {
    cwd: clone.folder,
    env: { PATH: process.env.PATH, HOME: clone.home },
    ...user,
  });
  expect(await new Promise((resolve) => stop.once("exit", resolve))).toBe(0);
  await second.ended;
  expect(clone.leftovers()).toEqual([]);
});

test("a taken port is one clear line, exit code 1, and nothing is left running", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  try {
    const started = clone.npmStart({ env: { PORT: String(port) }, as: {} });
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(new RegExp(`^port ${port} is taken: set PORT to another one`, "m"));
    expect(started.output()).not.toMatch(/^\s+at /m);
    expect(clone.leftovers()).toEqual([]);
  } finally {
    taken.close();
  }
});
