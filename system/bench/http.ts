import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import process from "node:process";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { root } from "../local-files.ts";
import type { Session } from "../session.ts";
import type { Releases } from "../stack/releases.ts";
import { waitFor } from "../stack/wait-for.ts";
import { createClinic } from "../tests/support/clinic.ts";
import { slot } from "../tests/support/slot.ts";
import { createDoctors, doctorId, doctors } from "./many-doctors.ts";

/** How long each of a round's measurements takes, and how many rounds there are. */
export interface HttpLoad {
  seconds: number;
  rounds: number;
}

type Booking = { doctorId: string; appointmentDate: string };
type Target = { url: string; apiKey: string; one: string };

/** Requests a second of the producer and of the bare reference, round by round. */
export async function measureHttp({ seconds, rounds }: HttpLoad, { report, releases, signal }: Session) {
  const [own, bare] = await Promise.all([startProducer(releases), startBare(releases)]);
  const targets = { own, bare };
  // Slots that no round has used; the two have tables of their own.
  let used = 0;
  const booking = (spread: number) => (n: number): Booking => ({
    doctorId: spread === 1 ? doctorId(doctors + 1) : doctorId(n % spread),
    appointmentDate: slot(used + Math.floor(n / spread)),
  });
  const kinds: Record<string, { callers: number; of: (n: number) => Booking | undefined }> = {
    "POST, one caller": { callers: 1, of: booking(doctors) },
    "POST, 32 callers, 200 doctors": { callers: 32, of: booking(doctors) },
    "POST, 32 callers, one doctor": { callers: 32, of: booking(1) },
    "GET of one, 32 callers": { callers: 32, of: () => undefined },
  };
  const rates = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, { own: [], bare: [] } as Rates]));
  for (let round = 0; round < rounds; round++) {
    for (const [kind, { callers, of }] of Object.entries(kinds)) {
      report(`round ${round + 1} of ${rounds}: ${kind}`);
      signal.throwIfAborted();
      let most = 0;
      for (const name of round % 2 === 0 ? ["own", "bare"] as const : ["bare", "own"] as const) {
        const done = await load(targets[name], callers, seconds, of);
        rates[kind]![name].push(done / seconds);
        most = Math.max(most, done);
      }
      used += most + 100;
    }
  }
  return rates;
}

export type Rates = Record<"own" | "bare", number[]>;

async function startProducer(releases: Releases): Promise<Target> {
  const clinic = await createClinic();
  releases.add("the clinic", clinic.remove);
  await clinic.startProducer({ env: { RATE_LIMIT_PER_SECOND: "1000000", LOG_LEVEL: "info" } });
  const target = { url: clinic.api, apiKey: clinic.apiKey, one: "" };
  await createDoctors(clinic, doctors + 2);
  target.one = await bookOne(target);
  return target;
}

/** The same tables, which a producer made that is stopped again. */
async function startBare(releases: Releases): Promise<Target> {
  const clinic = await createClinic();
  releases.add("the reference's clinic", clinic.remove);
  const migrating = await clinic.startProducer();
  await migrating.stop("SIGTERM");
  const { host, port, database, user, pass } = clinic.producerSql.options;
  const url = `postgres://${user}:${encodeURIComponent(String(pass))}@${host[0]}:${port[0]}/${database}`;
  const sql = postgres(url, { max: 1 });
  await sql`
    INSERT INTO doctors (id, version, name, email, time_zone, working_hours, exceptions, created_at, updated_at)
    SELECT 'dr-' || n, 1, 'Dr. Ada Lovelace', 'lovelace@clinic.example', 'Europe/Berlin', '[]', '[]', now(), now()
    FROM generate_series(0, ${doctors + 1}) n`;
  await sql.end();
  const file = fileURLToPath(new URL("bare-api.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file], {
    cwd: join(root, "system"),
    env: { ...process.env, DATABASE_URL: url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  releases.add("the reference", async () => {
    child.kill("SIGTERM");
    await ended;
  });
  let listening = "";
  createInterface(child.stdout).on("line", (line) => listening = /^listening (\d+)$/.exec(line)?.[1] ?? listening);
  const barePort = await waitFor("the bare reference", () => listening, { timeoutMs: 30_000 });
  const target = { url: `http://127.0.0.1:${barePort}`, apiKey: "none", one: "" };
  target.one = await bookOne(target);
  return target;
}

async function bookOne(target: Target): Promise<string> {
  const booking = { doctorId: doctorId(doctors), appointmentDate: slot(0), ...patient };
  return JSON.parse(await send(target, new Agent(), "POST", "/v1/appointments", booking, 201)).id;
}

const patient = { patientEmail: "ada@example.org", durationMinutes: 5 };

/** How many requests were answered while so many callers sent one after the other. */
async function load(
  target: Target,
  callers: number,
  seconds: number,
  of: (n: number) => Booking | undefined,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const end = performance.now() + seconds * 1_000;
  let next = 0;
  let done = 0;
  await Promise.all(Array.from({ length: callers }, async () => {
    while (performance.now() < end) {
      const booking = of(next++);
      if (booking) await send(target, agent, "POST", "/v1/appointments", { ...booking, ...patient }, 201);
      else await send(target, agent, "GET", `/v1/appointments/${target.one}`, undefined, 200);
      done++;
    }
  }));
  agent.destroy();
  return done;
}

function send(
  { url, apiKey }: Target,
  agent: Agent,
  method: string,
  path: string,
  body: unknown,
  expected: number,
): Promise<string> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    "x-api-key": apiKey,
    ...(text && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const call = request(url + path, { method, agent, headers }, (response) => {
      let answer = "";
      response.setEncoding("utf8").on("data", (chunk) => answer += chunk).on("end", () => {
        if (response.statusCode === expected) resolve(answer);
        else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${answer}`));
      });
    });
    call.once("error", reject);
    call.end(text);
  });
}
