import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiCall, listCalls } from "../../site/load/curl.ts";
import { loadOpenApi } from "../../site/load/services.ts";
import { loadSnippets, type Snippets } from "../../site/load/snippets.ts";
import { createPrivateServers, type PrivateServers } from "../../src/wire/private-servers.ts";
import { type RunningProducer, startProducer } from "../../clinic/producer-process.ts";
import type { Servers } from "../../src/servers.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const calls = listCalls(await loadOpenApi(root));
let servers: PrivateServers;
let producer: RunningProducer;
let snippets: Snippets;
let folder: string;
let hour = 0;

async function send(method: string, path: string, body: unknown): Promise<{ id: string; etag: string }> {
  const answer = await fetch(producer.url + path, {
    method,
    headers: { "X-API-Key": producer.apiKey, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  const { id } = await answer.json();
  return { id, etag: answer.headers.get("etag") ?? "" };
}

/** An appointment of its own for each request, in the state that the request needs. */
async function book({ path }: Pick<ApiCall, "path">): Promise<{ id: string; etag: string }> {
  // One after another, and all before those of the examples: the clock may be set to each.
  const appointmentDate = new Date(Date.UTC(2030, 0, 1, hour++)).toISOString();
  const booked = await send("POST", "/v1/appointments", {
    patientEmail: "ada@example.org",
    doctorId: "dr-lovelace",
    appointmentDate,
  });
  if (/\/(arrive|complete|no-show|reopen)$/.test(path)) producer.clock.reach(new Date(appointmentDate));
  return /\/(complete|reopen)$/.test(path) ? await send("POST", `/v1/appointments/${booked.id}/arrive`, {}) : booked;
}

async function putDoctor(): Promise<void> {
  await send("PUT", "/v1/doctors/dr-lovelace", {
    name: "Dr. Ada Lovelace",
    email: "lovelace@clinic.example",
    timeZone: "Europe/Berlin",
  });
}

beforeAll(async () => {
  const missing = ["TEST_DATABASE_URL", "TEST_AMQP_URL", "TEST_RABBITMQ_MANAGEMENT_URL"].filter((name) =>
    !process.env[name]
  );
  if (missing.length > 0) throw new Error(`${missing.join(", ")} must be set: run it below npm run stack --`);
  servers = await createPrivateServers(process.env as unknown as Servers, "site");
  producer = await startProducer(root, servers);
  snippets = await loadSnippets(root);
  folder = await mkdtemp(join(tmpdir(), "snippets-"));
  await putDoctor();
});

afterAll(async () => {
  await producer?.stop();
  await servers?.drop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe("the REST reference", () => {
  it.each(calls.map((call) => [call.operation.operationId, call] as const))(
    "has a line for %s that works",
    async (_, call) => {
      const appointment = await book(call);
      // A body can name the appointment only by an example.
      const curl = call.curl.replace(/("appointmentId": *)"[^"]*"/, `$1"${appointment.id}"`);
      const { stdout } = await promisify(execFile)("bash", ["-c", `${curl} -w '\\n%{http_code}'`], {
        env: {
          PATH: process.env.PATH,
          API: producer.url,
          API_KEY: producer.apiKey,
          APPOINTMENT: appointment.id,
          ETAG: appointment.etag,
          DOCTOR: "dr-lovelace",
          DOCTORID: "dr-lovelace",
          FROM: "2031-02-02T00:00:00Z",
          TO: "2031-02-05T00:00:00Z",
          CODE: "slot-unavailable",
        },
      });
      expect(Number(stdout.slice(stdout.lastIndexOf("\n"))), stdout).toBeLessThan(300);
      if (call.method === "put") await putDoctor();
      if (call.path.endsWith("/retire")) await send("POST", "/v1/doctors/dr-lovelace/return", {});
    },
  );
});

describe("the programs that subscribe", () => {
  /** Starts one, books until it prints an event (its queue is there only after a while), and ends it. */
  async function firstEvent(command: string, args: string[], cwd = folder): Promise<string> {
    const child: ChildProcess = spawn(command, args, {
      cwd,
      env: { ...process.env, AMQP_URL: servers.amqpUrl },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let printed = "";
    let complaint = "";
    child.stdout?.on("data", (text) => printed += text);
    child.stderr?.on("data", (text) => complaint += text);
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    try {
      await expect.poll(async () => {
        if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${complaint}`);
        await book({ path: "" });
        return printed;
      }, { timeout: 60_000, interval: 500 }).toContain("appointment.created");
    } finally {
      // The whole group: a shell does not pass the signal on.
      if (child.exitCode === null && child.pid) process.kill(-child.pid);
      await ended;
    }
    return printed;
  }

  it("work in TypeScript, by the commands that they begin with, in an empty folder", async () => {
    const empty = await mkdtemp(join(folder, "empty-"));
    const program = snippets.typescript("appointment.created");
    await writeFile(join(empty, "subscribe.ts"), program);
    const [install = "", start = ""] = program.split("\n")[0]!.replace("// ", "").split("; then: AMQP_URL=amqp://… ");
    await promisify(execFile)("sh", ["-c", install], { cwd: empty });
    const printed = await firstEvent("sh", ["-c", start], empty);
    expect(printed).toMatch(/^appointment\.created [0-9a-f-]{36} [0-9a-f-]{36}$/m);
  }, 240_000);

  it("work in Python", async () => {
    await writeFile(join(folder, "subscribe.py"), snippets.python("appointment.created"));
    const printed = await firstEvent("/usr/bin/python3", ["subscribe.py"]);
    expect(printed).toMatch(/^appointment\.created [0-9a-f-]{36} [0-9a-f-]{36}$/m);
  });

  it("work on the command line", async () => {
    await writeFile(join(folder, "subscribe.sh"), snippets.shell("appointment.created"));
    expect(await firstEvent("sh", ["subscribe.sh"])).toContain('"eventName":"appointment.created"');
  });
});
