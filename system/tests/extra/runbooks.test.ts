import { Buffer } from "node:buffer";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "amqplib";
import postgres from "postgres";
import { doctor } from "../../doctor.ts";
import { root } from "../../local-files.ts";
import { waitFor } from "../../stack/wait-for.ts";
import { book, type Booked } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { createPatientKeys } from "../support/patient-keys.ts";
import { linesFor, readRunbooks, type ServiceName } from "../support/runbooks.ts";

const runbooks = readRunbooks();
const withCommands = runbooks.filter(({ commands }) => commands.length > 0);
const commands = [...new Set(withCommands.flatMap((runbook) => runbook.commands))];

let clinic: Clinic;
let keys: Awaited<ReturnType<typeof createPatientKeys>>;
let keySettings: ReturnType<typeof keys.settings>;
let booked: Booked;
let appointment: string;
let erasure: string;
let untouched: Awaited<ReturnType<typeof run>>;
const garbage = 14;
const sessions: postgres.Sql[] = [];

/** As a clinic sets them that has patients' keys. */
const environmentOf = (service: ServiceName) => ({ ...clinic.environments[service](), ...keySettings[service] });

/** `consumer …` or `producer …` as the image has it: the executable in the PATH, its settings in the environment. */
function run(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const [service, ...args] = line.split(" ") as [ServiceName, ...string[]];
  const env = { ...environmentOf(service), PATH: `${join(root, service, "bin")}:${process.env["PATH"]}` };
  return new Promise((resolve) => {
    execFile(service, args, { cwd: "/", env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

/** Puts what nobody can read into the queue of the analytics. */
async function publish(bodies: string[]): Promise<void> {
  const connection = await connect(clinic.amqp);
  const channel = await connection.createConfirmChannel();
  for (const body of bodies) channel.sendToQueue("apt.created.queue", Buffer.from(body));
  await channel.waitForConfirms();
  await connection.close();
}

const nothing = () => Promise.resolve({});

/** A session that has kept another one waiting for a while. */
async function locked(service: ServiceName) {
  await Promise.all(sessions.splice(0).map((sql) => sql.end({ timeout: 0 })));
  const table = service === "producer" ? "relay_lease" : "inbox";
  const url = clinic.environments[service]()["DATABASE_URL"]!;
  const [holder, waiter] = [url, url].map((one) => {
    const sql = postgres(one, { max: 1, onnotice: () => {} });
    sessions.push(sql);
    return sql;
  }) as [postgres.Sql, postgres.Sql];
  const session = await holder.reserve();
  await session`BEGIN`;
  const [{ pid }] = await session<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`;
  await session`LOCK TABLE ${session(table)}`;
  waiter`SELECT FROM ${waiter(table)}`.catch(() => {});
  const isOld = () => session`SELECT WHERE clock_timestamp() - now() > interval '5 seconds'`;
  await waitFor("the lock to be old", async () => (await isOld()).length === 1, { timeoutMs: 60_000 });
  return { PID: String(pid) };
}

/** A dead letter that nobody has settled, with that reason. One that was settled is so no more where there is no other. */
async function deadLetter(reason: string) {
  const [row] = await clinic.consumerSql<[{ id: string }]>`
    UPDATE dead_letters SET reason = ${reason}, state = 'stored', settled_at = NULL, settled_why = NULL
    WHERE id = (SELECT id FROM dead_letters ORDER BY state <> 'stored', id LIMIT 1) RETURNING id`;
  return { ID: row.id, REASON: reason };
}

/** A mail to the patient as it is in that state. */
async function send(state: string) {
  const [row] = await clinic.consumerSql<[{ id: string }]>`
    UPDATE sends SET state = ${state}, settled_as = NULL, reason = 'TEXT of the other side'
    WHERE id = (SELECT min(id) FROM sends WHERE channel = 'email') RETURNING id`;
  return { ID: row.id };
}

async function calendarEntry() {
  await clinic.consumerSql`UPDATE calendar_intents SET state = 'conflict', last_error = 'changed by someone else'`;
  return { APPOINTMENT: appointment, DOCTOR: doctor.id };
}

async function recordedEvent() {
  const [row] = await clinic.consumerSql<[{ key: string }]>`
    SELECT event_key AS key FROM audit_outcomes JOIN audit_chain ON outcome_id = id WHERE action = 'recorded' LIMIT 1`;
  return { EVENT: row.key };
}

async function receiptFile() {
  const { EVENT } = await recordedEvent();
  const { stdout } = await run(`consumer audit receipt ${EVENT}`);
  const file = join(mkdtempSync(join(tmpdir(), "receipt-")), "receipt.tlog-proof");
  writeFileSync(file, stdout);
  return { FILE: file };
}

/** With what the rebuilds of other runbooks have emptied, and no consumer has filled. */
async function reconciled() {
  await run("consumer reconcile --repair");
  return {};
}

/** What `consumer keys list --json` printed. */
function neededElsewhere() {
  const file = join(mkdtempSync(join(tmpdir(), "keys-")), "needed.json");
  writeFileSync(file, JSON.stringify({ needed: [] }));
  return Promise.resolve({ FILE: file });
}

const patient = () => Promise.resolve({ ADDRESS: booked.patientEmail });

/** What each command needs, what stands for its capital letters, and what it prints. A new one has to be taught here. */
/** `exits` other than with 0. */
const cases: Record<string, { given(): Promise<Record<string, string>>; prints: RegExp; exits?: number }> = {
  "consumer audit new-key NAME": { given: nothing, prints: /^AUDIT_SIGNING_KEY=PRIVATE\+KEY\+NAME\+/ },
  "consumer audit public-key": { given: nothing, prints: /^local\.example\/audit\+[0-9a-f]{8}\+\S+$/m },
  "consumer audit receipt EVENT": { given: recordedEvent, prints: /^c2sp\.org\/tlog-proof@v1\nextra / },
  "consumer audit verify-receipt FILE": { given: receiptFile, prints: /^Row \d+ of the \d+ rows that local\.example/ },
  "consumer audit export --json": { given: nothing, prints: /^\{"position":1,/ },
  "consumer audit verify": { given: nothing, prints: /^The audit trail is intact; rows: [1-9]/ },
  "consumer calendar leave APPOINTMENT DOCTOR": { given: calendarEntry, prints: /is left as it is/ },
  "consumer calendar list": { given: calendarEntry, prints: /^APPOINTMENT .*\n.*conflict/ },
  "consumer calendar overwrite APPOINTMENT DOCTOR": { given: calendarEntry, prints: /will be written over/ },
  "consumer dlq discard ID --why TEXT": { given: () => deadLetter("not-json"), prints: /^\d+ discarded$/m },
  "consumer dlq groups": { given: () => deadLetter("not-json"), prints: /^KIND .*\n.*dead-letters .*not-json/ },
  "consumer dlq list": { given: () => deadLetter("not-json"), prints: /^ID .*APPOINTMENT.*\n.*not-json/ },
  "consumer dlq list --reason version-conflict": {
    given: () => deadLetter("version-conflict"),
    prints: /^ID .*\n.*version-conflict/,
  },
  "consumer dlq replay --all --reason retries-exhausted": {
    given: () => deadLetter("retries-exhausted"),
    prints: /^\d+ replayed\n$/,
  },
  "consumer dlq replay --reason version-conflict --accept": {
    given: () => deadLetter("version-conflict"),
    prints: /^\d+ accepted$/m,
  },
  "consumer dlq replay --reason newer-version": {
    given: () => deadLetter("newer-version"),
    prints: /^\d+ replayed\n$/,
  },
  "consumer dlq replay --reason no-keys": { given: () => deadLetter("no-keys"), prints: /^\d+ replayed\n$/ },
  "consumer dlq replay ID": { given: () => deadLetter("not-json"), prints: /^\d+ replayed\n$/ },
  "consumer dlq show ID": { given: () => deadLetter("not-json"), prints: /^reason +not-json$/m },
  "consumer incident APPOINTMENT --json": { given: calendarEntry, prints: /^\{"format":1,.*appointment\.created/ },
  "consumer timeline APPOINTMENT": { given: calendarEntry, prints: /appointment\.created, version 1/ },
  "consumer status": { given: () => send("failed"), prints: /^RED: .*\n/, exits: 1 },
  "consumer locks list": { given: () => locked("consumer"), prints: /^PID .*\n\d+ .*idle in transaction/ },
  "consumer locks end PID": { given: () => locked("consumer"), prints: /^The session \d+ has been ended\.$/m },
  "consumer dlq discard --reason REASON --why TEXT": {
    given: () => deadLetter("not-json"),
    prints: /^\d+ discarded$/m,
  },
  "consumer migrate": { given: nothing, prints: /^The database is up to date$/m },
  "consumer keys list": { given: nothing, prints: /^no dead letter needs a key$/m },
  "consumer keys list --json": { given: nothing, prints: /^\{"needed":\[\]\}$/m },
  "consumer patients erasure ID": {
    given: () => Promise.resolve({ ID: erasure }),
    prints: /notifications +applied +.*cleared: visits 1, sends [1-9]/,
  },
  "consumer patients export --email ADDRESS": { given: patient, prints: /"visits": \[\n/ },
  "consumer queues recreate apt.notifications.queue": { given: nothing, prints: /is as it should be/ },
  "consumer reconcile": { given: reconciled, prints: /compared: 0 differences, 0 mended$/m },
  "consumer reconcile --repair": {
    given: nothing,
    prints: /appointments and doctors compared: \d+ differences, \d+ mended$/m,
  },
  "consumer replay --job analytics --rebuild": {
    given: nothing,
    prints: /events were published to apt\.created\.queue/,
  },
  "consumer replay --job availability --rebuild": {
    given: nothing,
    prints: /events were published to apt\.availability\.queue/,
  },
  "consumer sends list --state failed": { given: () => send("failed"), prints: /^ID .*\n.*failed/ },
  "consumer sends list --state pending --channel email": { given: () => send("pending"), prints: /^ID .*\n.*pending/ },
  "consumer sends list --state unknown": { given: () => send("unknown"), prints: /^ID .*\n.*unknown/ },
  "consumer sends resend --all": { given: () => send("failed"), prints: /^1 will be sent again/ },
  "consumer sends resend --all --channel email --reason TEXT": {
    given: () => send("failed"),
    prints: /^1 will be sent again/,
  },
  "consumer sends resend ID": { given: () => send("unknown"), prints: /will be sent again/ },
  "consumer sends settle ID --as not-sent": { given: () => send("unknown"), prints: /is settled as not-sent/ },
  "consumer sends settle ID --as sent": { given: () => send("unknown"), prints: /is settled as sent/ },
  "consumer sends show ID": { given: () => send("unknown"), prints: /^messageId +</m },
  "producer patients erase --email ADDRESS": {
    given: () => Promise.resolve({ ADDRESS: "nobody@example.org" }),
    prints: /^announcedAppointments +0$/m,
  },
  "producer keys list": { given: nothing, prints: /^master key one: current, has wrapped [1-9]/ },
  "producer keys retire --keep FILE": { given: neededElsewhere, prints: /^destroyed 0$/m },
  "producer keys rotate": { given: nothing, prints: /^rewrapped 0$/m },
  "producer locks list": { given: () => locked("producer"), prints: /^PID .*\n\d+ .*idle in transaction/ },
  "producer locks end PID": { given: () => locked("producer"), prints: /^The session \d+ has been ended\.$/m },
  "producer migrate": { given: nothing, prints: /^The database is up to date$/m },
};

/** What is only counted, or is the same in another year, or may find nothing. */
const alike: [RegExp, RegExp][] = [
  [/^consumer replay (--job notifications|--missing) --from \S+( --to \S+)? --dry-run$/, /events would be published/],
  [/^consumer replay (--job notifications|--missing) --from \S+( --to \S+)?$/, /events were published/],
  [/^consumer sends list --state pending --channel sms$/, /^(ID .*)?$/m],
];
/** It runs until it is stopped. */
const serving = "consumer serve --only notifications";

beforeAll(async () => {
  [clinic, keys] = await Promise.all([createClinic(), createPatientKeys()]);
  keySettings = keys.settings(keys.masterKey("one"));
  const [consumer] = await Promise.all([
    clinic.startConsumer({ env: keySettings.consumer }),
    clinic.startProducer({ env: keySettings.producer }),
  ]);
  await clinic.createDoctor();
  booked = await book(clinic, 1);
  appointment = booked.id;
  await publish(Array.from({ length: garbage }, (_, n) => `no JSON ${n}`));
  const counted = async () =>
    (await clinic.consumerSql`
    SELECT FROM dead_letters UNION ALL SELECT FROM calendar_intents WHERE state = 'done'
    UNION ALL (SELECT FROM sends WHERE state = 'sent' AND channel = 'email' LIMIT 1)`).length;
  await waitFor("the effects and the dead letters", async () => await counted() === garbage + 2 || undefined, {
    timeoutMs: 120_000,
  });
  erasure = await eraseAnother();
  // Older than what may still be on its way: what is missing is looked for among it.
  await clinic.producerSql.begin(async (sql) => {
    await sql`ALTER TABLE outbox_archive DISABLE TRIGGER USER`;
    await sql`UPDATE outbox_archive SET published_at = published_at - interval '5 minutes'`;
    await sql`ALTER TABLE outbox_archive ENABLE TRIGGER USER`;
  });
  // What a person changes stays as it is while nobody works on it, and a consumer that stops leaves a checkpoint.
  await consumer.stop("SIGTERM");
  untouched = await run("consumer reconcile");
});
afterAll(async () => {
  await Promise.all(sessions.map((sql) => sql.end({ timeout: 0 })));
  await clinic?.remove();
  await keys?.remove();
});

/** A patient who was erased, which every job has heard of. */
async function eraseAnother(): Promise<string> {
  const { patientEmail } = await book(clinic, 2);
  const sent = () => clinic.consumerSql`SELECT FROM calendar_intents WHERE state = 'done'`;
  await waitFor("the second effects", async () => (await sent()).length === 2 || undefined, { timeoutMs: 60_000 });
  const response = await fetch(`${clinic.api}/v1/patients/erase`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": clinic.apiKey },
    body: JSON.stringify({ patientEmail }),
  });
  const { id } = await response.json() as { id: string };
  const heard = () => clinic.consumerSql`SELECT FROM audit_outcomes WHERE aggregate_id = ${id} AND action = 'applied'`;
  await waitFor("the erasure", async () => (await heard()).length === 3 || undefined, { timeoutMs: 60_000 });
  await waitFor("the entry", async () => (await sent()).length === 2 || undefined, { timeoutMs: 60_000 });
  return id;
}

test("what nobody has touched is as the archive tells it, an erased patient included", () => {
  expect(untouched).toMatchObject({ code: 0, stdout: expect.stringMatching(/compared: 0 differences, 0 mended$/m) });
});

test.each(commands.filter((command) => command !== serving))("`%s` does what it is for", async (command) => {
  const known: (typeof cases)[string] | undefined = cases[command] ??
    alike.filter(([words]) => words.test(command)).map(([, prints]) => ({ given: nothing, prints }))[0];
  if (!known) throw new Error(`No test runs ${command}: teach system/tests/extra/runbooks.test.ts`);
  const values: Record<string, string> = await known.given();
  const line = command.replaceAll(
    /\b(ID|PID|REASON|APPOINTMENT|DOCTOR|ADDRESS|EVENT|FILE)\b/g,
    (word) => values[word]!,
  );
  const { code, stdout, stderr } = await run(line);
  expect(code, stderr).toBe(known.exits ?? 0);
  expect(stdout, stderr).toMatch(known.prints);
});

test(`\`${serving}\` runs the job alone, until it is stopped`, async () => {
  expect(commands).toContain(serving);
  const [, ...args] = serving.split(" ");
  const env = { ...clinic.environments.consumer(), PATH: `${join(root, "consumer/bin")}:${process.env["PATH"]}` };
  const child = spawn("consumer", args, { cwd: "/", env, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"msg":"listening"')) continue;
    expect(JSON.parse(line)).toMatchObject({ jobs: ["notifications"] });
    break;
  }
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
});

test("the lines of the local system run from the root, with the settings of the system that runs", async () => {
  const lines = new Map(
    withCommands.flatMap((runbook) => linesFor("the local system", runbook))
      // It exits with 1 while something needs a person, as it does here.
      .filter(({ command }) => command !== "consumer status")
      .map(({ line, service }) => [service, line]),
  );
  expect([...lines.keys()].toSorted()).toEqual(["consumer", "producer"]);
  for (const [service, line] of lines) {
    const [program = "", ...args] = line.split(" ");
    const { PATH = "", HOME = "" } = process.env;
    const env = { ...environmentOf(service as ServiceName), PATH, HOME };
    const stdout = await new Promise<string>((resolve, reject) =>
      execFile(
        program,
        args,
        { cwd: root, env, timeout: 120_000 },
        (error, out) => error ? reject(error) : resolve(out),
      )
    );
    expect(stdout).not.toBe("");
  }
});
