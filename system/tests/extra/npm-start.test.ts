import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { root } from "../../local-files.ts";

const nobody = 65534;
/** A normal user, also where the tests run as root. */
const user = process.getuid!() === 0 ? { uid: nobody, gid: nobody } : {};

let home: string;
let checkout: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "a normal user-"));
  checkout = join(home, "a clone");
  mkdirSync(checkout);
  const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
  const present = files.filter((file) => existsSync(join(root, file)));
  execFileSync("tar", ["-cf", join(home, "files.tar"), "--null", "-T", "-"], { cwd: root, input: present.join("\0") });
  execFileSync("tar", ["-xf", join(home, "files.tar")], { cwd: checkout });
  for (const folder of ["system", "producer", "consumer"]) {
    execFileSync("cp", ["-RL", join(root, folder, "node_modules"), join(checkout, folder)]);
  }
  if (user.uid) execFileSync("chown", ["-R", `${nobody}:${nobody}`, home]);
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }), 60_000);

interface Started {
  child: ChildProcess;
  ended: Promise<number | null>;
  output(): string;
}
const running: Started[] = [];
afterEach(async () => {
  for (const { child, ended } of running) {
    pressCtrlC(child);
    await ended;
  }
});

function npmStart(variables: Record<string, string> = {}): Started {
  const env = { PATH: process.env.PATH, HOME: home, ...variables };
  const child = spawn("npm", ["start"], { cwd: checkout, env, ...user, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => output += text);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const started = { child, ended, output: () => output };
  running.push(started);
  return started;
}

/** The terminal sends the signal to everything that runs in it. */
function pressCtrlC(child: ChildProcess) {
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGINT");
}

const stackFile = () => join(checkout, ".local/stack.json");
const ready = { timeout: 90_000, interval: 100 };

test("npm start serves a normal user in a path with spaces, stops cleanly, and finds its data again", async ({ onTestFailed }) => {
  const first = npmStart();
  onTestFailed(() => running.forEach(({ output }) => console.log(output())));
  await expect.poll(() => existsSync(stackFile()), ready).toBe(true);
  const stack = JSON.parse(readFileSync(stackFile(), "utf8"));
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
  const curl = curlLine()!;
  expect(execFileSync("sh", ["-c", curl], { encoding: "utf8", stdio: "pipe" })).toMatch(/^HTTP\/1.1 201/);
  const mails = async (url: string) => (await (await fetch(`${url}/messages`)).json() as unknown[]).length;
  await expect.poll(() => mails(stack.mail), { timeout: 2_000 }).toBe(2);

  const second = npmStart();
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain("npm start already runs in this checkout");

  pressCtrlC(first.child);
  await first.ended;
  await expect.poll(() => leftovers(), { timeout: 30_000 }).toEqual([]);
  expect(existsSync(stackFile())).toBe(false);

  const third = npmStart();
  await expect.poll(() => existsSync(stackFile()), ready).toBe(true);
  expect(await mails(JSON.parse(readFileSync(stackFile(), "utf8")).mail)).toBe(2);
  pressCtrlC(third.child);
  await third.ended;
  await expect.poll(() => leftovers(), { timeout: 30_000 }).toEqual([]);
});

test("a taken port is one clear line, exit code 1, and nothing is left running", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  try {
    const started = npmStart({ PORT: String(port) });
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(new RegExp(`^port ${port} is taken: set PORT to a free one`, "m"));
    expect(started.output()).not.toMatch(/^\s+at /m);
    expect(leftovers()).toEqual([]);
  } finally {
    taken.close();
  }
});

/** Processes whose command, folder or variables point into the copy. */
function leftovers(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const about = command + readFileSync(`/proc/${pid}/environ`, "utf8");
      return about.includes(checkout) ? [`${pid} ${command}`] : [];
    } catch {
      return [];
    }
  });
}
