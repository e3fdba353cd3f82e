import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { createProducerReports } from "../../../src/jobs/notifications/reports/producer-reports.ts";
import { createReportQueue } from "../../../src/jobs/notifications/reports/report-queue.ts";
import { createReportSender } from "../../../src/jobs/notifications/reports/report-sender.ts";
import { optIn, optOut } from "../../../src/jobs/notifications/sms/opt-outs.ts";
import { unwatched } from "../../../src/outgoing/dependency-watch.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";

const script = fileURLToPath(new URL("./report-process.ts", import.meta.url));
const number = "+4930123456";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
vi.setConfig({ testTimeout: 60_000 });

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  await harness.sql`truncate sms_opt_outs, contact_reports`;
  harness.clock.ms = Date.now();
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

type Body = Record<string, unknown> & { id: string };
type Answer = (body: Body, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

/** Stands in for the producer's two routes; notes every request. */
async function startProducer(answer: Answer = (_, response) => void response.end("{}")) {
  const asked: { path: string; body: Body }[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text) as Body;
    asked.push({ path: String(request.url), body });
    await answer(body, response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const refuse = (status: number, text: string): Answer => (_, response) => void response.writeHead(status).end(text);
const problem = (code: string) => JSON.stringify({ type: `/problems/${code}` });

function startReporting(url: string): void {
  const { sql } = harness;
  const now = () => new Date();
  const cooldown = { baseMs: 50, capMs: 100 };
  run(sql, [createReportSender({
    queue: createReportQueue({ sql, leaseMs: 60_000, now }),
    tell: createProducerReports({ url, key: "ops-key" }),
    watch: unwatched,
    now,
    log: pino({ enabled: false }),
    backoff: cooldown,
    cooldown,
  })]);
}

/** A booking whose text message the gateway refused. */
async function failedText(): Promise<string> {
  await harness.deliver(appointmentEvents().created({ patientPhone: number }));
  const [row] = await harness.sql<[{ id: string }]>`
    update sends set state = 'failed', reason = 'gateway error 21211 (400)', updated_at = now()
    where channel = 'sms' and recipient = ${number} returning id`;
  return row.id;
}

const reports = async () => [
  ...await harness.sql<{ state: string; reason: string | null }[]>`
    select state, reason from contact_reports order by place`,
];
const settled = (...states: string[]) =>
  eventually(async () => expect((await reports()).map(({ state }) => state)).toEqual(states));

it("a send that fails is reported once, by its digest and not by its number", async () => {
  const producer = await startProducer();
  await failedText();
  startReporting(producer.url);
  await settled("told");
  expect(producer.asked).toHaveLength(1);
  const [{ path, body }] = producer.asked as [{ path: string; body: Body }];
  expect(path).toBe("/ops/failed-notifications");
  expect(body).toMatchObject({
    appointmentId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    channel: "sms",
    recipient: "patient",
    notification: "booked",
    reason: "refused",
    contact: sha256(number),
  });
  expect(JSON.stringify(body)).not.toContain(number);
});

it("nothing is written where nothing fails", async () => {
  await harness.deliver(appointmentEvents().created({ patientPhone: number }));
  await harness.sql`update sends set state = 'sent', updated_at = now()`;
  expect(await reports()).toEqual([]);
});

it("a number's STOP and START are told in their order, the first being away for a while", async () => {
  let isAway = true;
  const producer = await startProducer((_, response) => void response.writeHead(isAway ? 503 : 200).end("{}"));
  const { sql } = harness;
  await sql.begin((transaction) => optOut(transaction, number, new Date()));
  await optIn(sql, number);
  startReporting(producer.url);
  await eventually(() => expect(producer.asked.length).toBeGreaterThan(3));
  isAway = false;
  await settled("told", "told");
  expect(new Set(producer.asked.slice(0, -2).map(({ body }) => body["optedOut"]))).toEqual(new Set([true]));
  expect(producer.asked.slice(-2).map(({ path, body }) => [path, body["optedOut"], body["contact"]])).toEqual([
    ["/ops/opt-outs", true, sha256(number)],
    ["/ops/opt-outs", false, sha256(number)],
  ]);
});

it("what was dropped because its number wants nothing is told of its appointment", async () => {
  const producer = await startProducer();
  await harness.deliver(appointmentEvents().created({ patientPhone: number }));
  await harness.sql.begin((transaction) => optOut(transaction, number, new Date()));
  startReporting(producer.url);
  await settled("told", "told");
  expect(producer.asked.map(({ body }) => body["reason"])).toContain("opted_out");
});

it("a send that is handed over again before it was told is not told, and is when it fails again", async () => {
  const id = await failedText();
  await harness.sql`update sends set state = 'pending', due_at = now() + interval '1 day' where id = ${id}`;
  const producer = await startProducer();
  startReporting(producer.url);
  await settled("not_needed");
  expect(producer.asked).toHaveLength(0);
  await harness.sql`update sends set state = 'failed', updated_at = now() where id = ${id}`;
  await settled("told");
});

it.each([
  ["an appointment that the producer does not have", 404, problem("appointment-not-found")],
  ["an erased patient", 409, problem("patient-erased")],
])("%s needs no report any more", async (_, status, text) => {
  const producer = await startProducer(refuse(status, text));
  await failedText();
  startReporting(producer.url);
  await settled("not_needed");
  expect(producer.asked).toHaveLength(1);
});

it("a producer of before this is asked once, and not again for a while", async () => {
  const producer = await startProducer(refuse(404, problem("not-found")));
  await failedText();
  await failedText();
  startReporting(producer.url);
  await eventually(async () => expect((await reports()).some(({ reason }) => reason?.startsWith("404"))).toBe(true));
  const [row] = await harness.sql<[{ minutes: number }]>`
    select extract(epoch from max(due_at) - now()) / 60 as minutes from contact_reports`;
  expect(Number(row.minutes)).toBeGreaterThan(9);
  expect(producer.asked.length).toBeLessThanOrEqual(2);
});

it("a report that the producer finds wrong holds up no other", async () => {
  let wrong: string | undefined;
  const producer = await startProducer((body, response) => {
    wrong ??= body.id;
    response.writeHead(body.id === wrong ? 400 : 200).end("{}");
  });
  for (let count = 0; count < 3; count++) await failedText();
  startReporting(producer.url);
  await eventually(async () => expect((await reports()).filter(({ state }) => state === "told")).toHaveLength(2));
  const [left] = await harness.sql<[{ id: string; attempts: number }]>`
    select id, attempts from contact_reports where state <> 'told'`;
  expect(left.id).toBe(wrong);
});

function startProcess(url: string): ChildProcess {
  const child = spawn(process.execPath, ["--import", "tsx", script, harness.url, url], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

it("is told again under the same id by another process when the first was killed before it noted the answer", async () => {
  await failedText();
  let isSlow = true;
  // The first is asked and killed while it waits for the answer.
  const producer = await startProducer((_, response) => void (isSlow || response.end("{}")));
  const first = startProcess(producer.url);
  await eventually(() => expect(producer.asked).toHaveLength(1));
  first.kill("SIGKILL");
  await once(first, "exit");
  isSlow = false;
  startProcess(producer.url);
  await eventually(async () => expect((await reports()).map(({ state }) => state)).toEqual(["told"]));
  expect(new Set(producer.asked.map(({ body }) => body.id)).size).toBe(1);
});
