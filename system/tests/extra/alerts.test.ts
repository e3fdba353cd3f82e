import { Buffer } from "node:buffer";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Channel } from "amqplib";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../../local-files.ts";
import { createReleases } from "../../stack/releases.ts";
import { book } from "../support/book.ts";
import type { Clinic } from "../support/clinic.ts";
import { type Monitoring, readRules, type Series } from "../support/monitoring.ts";
import { testVariable } from "../support/test-environment.ts";
import { createWatchedClinic, type WatchedClinic } from "../support/watched-clinic.ts";

const folder = mkdtempSync(join(tmpdir(), "alerts-"));
const releases = createReleases(console.error);
const jobs = ["analytics", "audit", "availability", "calendar", "notifications"];
let watched: WatchedClinic;
let clinic: Clinic;
let channel: Channel;
let monitoring: Monitoring;

beforeAll(async () => {
  watched = await createWatchedClinic(folder, releases);
  ({ clinic, channel, monitoring } = watched);
});
beforeEach(({ onTestFailed }) =>
  onTestFailed(() => console.log(clinic.log.filter((line) => !line.includes('"msg":"request"')).join("\n")))
);
afterAll(async () => {
  await releases.run();
  rmSync(folder, { recursive: true, force: true });
});

const firing = async () => (await monitoring.alerts()).filter(({ state }) => state === "firing");
const patiently = { timeout: 45_000, interval: 250 };

type Expected = [alertname: string, labels?: Record<string, string>];

async function seeFiring(...expected: Expected[]) {
  async function missing() {
    const now = (await firing()).map(({ labels }) => labels);
    return expected.filter(([alertname, labels]) =>
      !now.some((found) => Object.entries({ alertname, ...labels }).every(([name, value]) => found[name] === value))
    );
  }
  await expect.poll(missing, patiently).toEqual([]);
}

test("a quiet system is scraped, and raises nothing", async () => {
  await book(clinic, 0);
  const up = async () => (await monitoring.query("up == 1")).map(({ metric }) => metric["job"]).sort();
  await expect.poll(up, patiently).toEqual(["consumer", "producer", "rabbitmq"]);
  const handled = 'count(count by (consumer_job) (events_consumed_total{event="appointment.created"})) == 5';
  await expect.poll(() => monitoring.query(handled), patiently).toHaveLength(1);
  // Before the first scrape nobody had answered. On a slow machine the witness has been away for a minute by now.
  const raised = async () => (await firing()).filter(({ labels }) => labels["alertname"] !== "AuditNotCosigned");
  await expect.poll(raised, patiently).toEqual([]);
});

/** Nobody seals the audit trail until it is called. */
let letSeal: () => void = () => {};

test("a poison message is an alert for each job that gave it up", async () => {
  // What waits for its seal from now on has waited for more than a minute when it is looked at.
  const letGo = new Promise<void>((resolve) => letSeal = resolve);
  const holder = postgres(watched.databases.consumer, { max: 1, onnotice: () => {} });
  holder.begin(async (sql) => {
    await sql`SELECT FROM audit_sealer FOR UPDATE`;
    await letGo;
  }).catch(() => {}).finally(() => holder.end());
  channel.publish("appointments.ex", "appointment.created", Buffer.from("poison"));
  await seeFiring(...jobs.map((job): Expected => ["DeadLetters", { consumer_job: job }]));
});

test("mail that is refused, or may have been taken, is told", async () => {
  watched.mail.be("refuses");
  await book(clinic, 1);
  await seeFiring(
    ["SendsFailed", { sender: "notifications-email" }],
    ["DependencyRefuses", { dependency: "smtp", refusal: "rejected" }],
  );
  await book(clinic, 8);
  watched.mail.be("cuts");
  await book(clinic, 2);
  // As a night leaves it.
  await clinic.consumerSql`
    INSERT INTO reconciliations (night, started_at, finished_at, found) VALUES (now(), now(), now(), 1)`;
  await seeFiring(["SendUnknown"], ["ArchiveDiffers"]);
  // Three patients hear of their booking late or never.
  await seeFiring(["BookingMailsLate"], ["BookingMailsOftenLate"]);
});

test("mail, text messages and calendars that nobody takes are told, and so is a lost exchange", async () => {
  await watched.mail.stop();
  for (const n of [3, 4, 5]) {
    // The consumer's next look binds the queue again, maybe before the event is there.
    await channel.unbindQueue("apt.audit.queue", "appointments.ex", "appointment.*");
    await book(clinic, n);
  }
  const waits = async () =>
    (await clinic.consumerSql`
      SELECT channel FROM sends WHERE state = 'pending' GROUP BY channel`).length;
  await expect.poll(waits, patiently).toBe(2);
  // One that goes between the look for it and the declaration of all there is was not missed.
  const wasMissed = async () => {
    await channel.deleteExchange("apt.retry.ex");
    return await monitoring.query('topology_restored_total{what="exchange apt.retry.ex"} > 0');
  };
  await expect.poll(wasMissed, { ...patiently, interval: 1_500 }).not.toEqual([]);
  // A quarter of an hour and more passes.
  await clinic.consumerSql`UPDATE sends SET created_at = created_at - interval '20 minutes'`;
  await clinic.consumerSql`UPDATE calendar_intents SET wanted_at = wanted_at - interval '20 minutes'`;
  // As another hand leaves one of several.
  await clinic.consumerSql`
    UPDATE calendar_intents SET state = 'conflict' WHERE ctid = (SELECT min(ctid) FROM calendar_intents)`;
  await seeFiring(
    ...["notifications-email", "notifications-sms", "calendar"].map((sender): Expected => ["SendsStuck", { sender }]),
    ["TopologyLost", { what: "exchange apt.retry.ex" }],
    ["CalendarConflict"],
  );
});

test("the broker's alarm, what waits for it, a relay that lost the lead meanwhile and what a lost binding cost are told", async () => {
  await watched.broker.control("set_vm_memory_high_watermark", "absolute", "1MB");
  await seeFiring(["RabbitMQAlarm"]);
  await book(clinic, 6);
  await clinic.producerSql`UPDATE outbox SET created_at = created_at - interval '2 minutes'`;
  await seeFiring(["OutboxStuck"]);
  // Another producer takes the lead, while the publication of this one still waits for its confirm.
  await clinic.producerSql`UPDATE relay_lease SET term = term + 1, beat = beat + 1, holder = 'another'`;
  await watched.broker.control("set_vm_memory_high_watermark", "0.6");
  await seeFiring(["ConfirmsSlow"], ["TwoRelays"], ["EventsMissed", { consumer_job: "audit" }]);
});

/** What has been posted to whoever is woken up. */
function paged(): (string | undefined)[] {
  return [...new Set(watched.posted.flatMap(({ alerts }) => alerts).map(({ labels }) => labels["alertname"]))].sort();
}

test("rows of the audit trail that nobody seals are told, and so are those that nobody cosigns", async () => {
  await seeFiring(["AuditNotSealed"], ["AuditNotCosigned"]);
  // It fires for as long as nobody seals, which has to reach the pager.
  await expect.poll(paged, patiently).toContain("AuditNotSealed");
  letSeal();
});

test("a consumer that stopped is told, and so is an event that no queue takes", async () => {
  await watched.consumer.stop("SIGTERM");
  await channel.deleteExchange("appointments.ex");
  // The producer declares its exchange again; only a consumer binds queues to it.
  await book(clinic, 7);
  await seeFiring(["ConsumerDown"], ["EventsReturned"], ["OutboxFailing"]);
});

test("a job that is behind is told; without calendars nothing waits for one", async () => {
  // It verifies the trail when it has started, and has nowhere to put checkpoints.
  await clinic.consumerSql`ALTER TABLE audit_chain DISABLE TRIGGER audit_chain_append_only`;
  await watched.startConsumer({
    JOBS: "audit,calendar",
    CALDAV_URL: "",
    CALDAV_USERNAME: "",
    CALDAV_PASSWORD: "",
    AUDIT_CHECKPOINT_DIR: "",
  });
  await seeFiring(["AuditTrailBroken"], ["AuditWithoutCheckpoints"]);
  for (let n = 0; n < 1_001; n++) channel.sendToQueue("apt.notifications.queue", Buffer.from("late"));
  await seeFiring(["JobBehind", { queue: "apt.notifications.queue" }]);
  const waiting = 'intents{sender="calendar",state="pending"}';
  expect(await monitoring.everReturned(waiting)).not.toEqual([]);
  await expect.poll(() => monitoring.query(waiting), patiently).toEqual([]);
  await expect.poll(async () => (await firing()).filter(({ labels }) => labels["sender"] === "calendar"), patiently)
    .toEqual([]);
});

test("a database that is away is told by the services that it is missing to", async () => {
  const admin = postgres(testVariable("TEST_DATABASE_URL"), { max: 1, onnotice: () => {} });
  releases.add("the administrator", () => admin.end());
  const urls = [...Object.values(watched.databases), watched.keys.url];
  const names = urls.map((url) => new URL(url).pathname.slice(1));
  for (const name of names) {
    await admin.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
  }
  await seeFiring(
    ...[["ProducerDatabaseAway"], ["ConsumerDatabaseAway"], ["NoRelay"], ["ProducerKeysAway"], [
      "ConsumerKeysAway",
    ]] satisfies Expected[],
    ...["ProducerImpaired", "ConsumerImpaired"].map((name): Expected => [name, { dependency: "database" }]),
  );
});

test("a broker and a producer that are gone are told", async () => {
  await watched.broker.kill();
  await watched.producer.stop("SIGKILL");
  await seeFiring(["RabbitMQNodeDown"], ["ProducerDown"]);
});

test("every alert fired, with each label that it speaks of", async () => {
  const rules = readRules();
  expect(rules.length).toBeGreaterThan(15);
  for (const { alert, expr, annotations } of rules) {
    const query = `ALERTS{alertname="${alert}",alertstate="firing"}`;
    // Prometheus tells of an alert a moment before it stores its series.
    await expect.poll(() => monitoring.everReturned(query), { ...patiently, message: `${alert} never fired` }).not
      .toEqual([]);
    const fired = await monitoring.everReturned(query);
    const spoken = Object.values(annotations).flatMap((text) => [...text.matchAll(/\$labels\.(\w+)/g)]);
    expectLabels(fired, spoken.map(([, label]) => label!), alert);
    for (const branch of expr.split(" or ")) await expectSeries(branch.replace(/ (==|<|>) \d+$/, ""));
  }
});

test("every panel of the dashboard has something to show, with each label that it names", async () => {
  const path = join(root, "deploy/grafana/dashboards/appointments.json");
  const { panels } = JSON.parse(readFileSync(path, "utf8")) as {
    panels: { targets?: { expr: string; legendFormat: string }[] }[];
  };
  const targets = panels.flatMap(({ targets = [] }) => targets);
  expect(targets.length).toBeGreaterThan(15);
  for (const { expr, legendFormat } of targets) {
    const shown = await expectSeries(expr);
    expectLabels(shown, [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!), expr);
  }
});

/** That an expression returned something at some time, and that what it groups by is there. */
async function expectSeries(expr: string): Promise<Series[]> {
  const returned = await monitoring.everReturned(expr);
  expect(returned.length, `nothing ever came of ${expr}`).toBeGreaterThan(0);
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(", "));
  expectLabels(returned, grouped.filter((label) => label !== "le"), expr);
  return returned;
}

function expectLabels(series: Series[], labels: string[], of: string) {
  for (const label of labels) {
    for (const { metric } of series) expect(metric[label], `${label} of ${of}`).toBeTruthy();
  }
}

test("what the alerts' own tests are given has the labels of what was scraped, and nobody's label is taken", async () => {
  const text = readFileSync(join(root, "deploy/prometheus/alerts.test.yml"), "utf8");
  const { tests } = parse(text) as { tests: { input_series: { series: string }[] }[] };
  const given = new Set(
    tests.flatMap(({ input_series: all }) => all).map(({ series }) => {
      const labels = [...series.matchAll(/(\w+)="/g)].map(([, label]) => label!);
      return [/^\w+/.exec(series)![0], ...labels.sort()].join(" ");
    }),
  );
  for (const shape of given) {
    const [name, ...labels] = shape.split(" ");
    const scraped = (await monitoring.everReturned(name!)).map(({ metric }) => Object.keys(metric).sort());
    expect(scraped, name).toContainEqual(["__name__", ...labels]);
  }
  expect((await monitoring.labelNames()).filter((label) => label.startsWith("exported_"))).toEqual([]);
});

test("Alertmanager mails every alert, and posts those that wake somebody up", async () => {
  const rules = readRules();
  const pages = rules.filter(({ labels }) => labels.severity === "page").map(({ alert }) => alert).sort();
  await expect.poll(paged, patiently).toEqual(pages);
  const unmailed = () =>
    rules.filter(({ alert }) => !watched.mailsOfAlerts().some(({ subject }) => subject.includes(alert))).map((
      { alert },
    ) => alert);
  await expect.poll(unmailed, patiently).toEqual([]);
});
