import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parse, stringify } from "yaml";
import { root } from "../../local-files.ts";
import { freePort } from "../../stack/free-port.ts";
import type { Releases } from "../../stack/releases.ts";
import { startServerProcess } from "../../stack/server-process.ts";
import { waitFor } from "../../stack/wait-for.ts";

export interface Series {
  metric: Record<string, string>;
}

export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
}

export interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: Record<string, string>;
}

export interface MonitoringOptions {
  folder: string;
  /** Of each job of prometheus.yml, as host:port. */
  targets: Record<string, string[]>;
  /** Gets the alerts of severity page. */
  webhookUrl: string;
  /** The port of a mail server that gets every alert. */
  smtpPort: number;
  releases: Releases;
}

const read = (path: string) => readFileSync(join(root, "deploy", path), "utf8");

/** Of alerts; the others record. */
export function readRules(): Rule[] {
  const { groups } = parse(read("prometheus/alerts.yml")) as { groups: { rules: (Rule | { record: string })[] }[] };
  return groups.flatMap(({ rules }) => rules).filter((rule): rule is Rule => "alert" in rule);
}

/** Prometheus and Alertmanager with the files of deploy/, but for where things are and how long they are waited for. */
export async function startMonitoring({ folder, targets, webhookUrl, smtpPort, releases }: MonitoringOptions) {
  const [port, alertsPort] = [await freePort(), await freePort()];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "prometheus.yml"), prometheusConfiguration(targets, alertsPort));
  writeFileSync(join(folder, "alerts.yml"), rulesAtOnce());
  writeFileSync(join(folder, "alertmanager.yml"), alertmanagerConfiguration(webhookUrl, smtpPort));
  const alertmanager = await startServerProcess({
    name: "alertmanager",
    folder,
    command: [
      ...["prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=alertmanager"],
      ...["--cluster.listen-address=", `--web.listen-address=127.0.0.1:${alertsPort}`],
    ],
  });
  releases.add("Alertmanager", () => alertmanager.stop("SIGTERM"));
  const prometheus = await startServerProcess({
    name: "prometheus",
    folder,
    command: [
      ...["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=prometheus"],
      `--web.listen-address=127.0.0.1:${port}`,
    ],
  });
  releases.add("Prometheus", () => prometheus.stop("SIGTERM"));

  async function ask<Data>(path: string): Promise<Data> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, { signal: AbortSignal.timeout(20_000) });
    const { status, data, error } = await response.json() as { status: string; data: Data; error?: string };
    if (status !== "success") throw new Error(`Prometheus refused ${path}: ${error}`);
    return data;
  }
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
  await Promise.race([prometheus.died, alertmanager.died, waitFor("Prometheus", ready, { timeoutMs: 30_000 })]);

  /** What an instant query returns. */
  const query = async (expr: string) =>
    (await ask<{ result: Series[] }>(`query?query=${encodeURIComponent(expr)}`)).result;
  return {
    query,
    /** Everything that an expression returned since the start. */
    everReturned: (expr: string) => query(`last_over_time((${expr})[10m:500ms])`),
    alerts: async () => (await ask<{ alerts: Alert[] }>("alerts")).alerts,
    labelNames: () => ask<string[]>("labels"),
  };
}

export type Monitoring = Awaited<ReturnType<typeof startMonitoring>>;

function prometheusConfiguration(targets: Record<string, string[]>, alertsPort: number): string {
  const { scrape_configs: scrapes, alerting, ...rest } = parse(read("prometheus/prometheus.yml"));
  const at = (addresses: string[]) => ({ static_configs: [{ targets: addresses }] });
  const placed = (config: Record<string, unknown>, addresses: string[]) => {
    const { dns_sd_configs: _, ...others } = config;
    return { ...others, ...at(addresses) };
  };
  return stringify({
    ...rest,
    global: { scrape_interval: "500ms", evaluation_interval: "500ms" },
    scrape_configs: scrapes.map((scrape: { job_name: string }) => placed({ ...scrape }, targets[scrape.job_name]!)),
    alerting: {
      alertmanagers: alerting.alertmanagers.map((one: object) => placed({ ...one }, [`127.0.0.1:${alertsPort}`])),
    },
  });
}

/** The rules as they are, but a minute of `for` is a second. */
function rulesAtOnce(): string {
  return read("prometheus/alerts.yml").replaceAll(/^( +for: )\d+m$/gm, "$11s");
}

function alertmanagerConfiguration(webhookUrl: string, smtpPort: number): string {
  const { stdout, stderr, status } = spawnSync("sh", [join(root, "deploy/alertmanager/render-config.sh")], {
    encoding: "utf8",
    env: {
      ...process.env,
      ALERT_EMAIL_TO: "on-call@example.org",
      ALERT_EMAIL_FROM: "The Clinic <appointments@clinic.example>",
      ALERT_SMTP_SMARTHOST: `127.0.0.1:${smtpPort}`,
      ALERT_SMTP_REQUIRE_TLS: "false",
      ALERT_WEBHOOK_URL: webhookUrl,
    },
  });
  if (status !== 0) throw new Error(`render-config.sh: ${stderr}`);
  return stdout.replaceAll(/^( +group_(?:wait|interval): ).*$/gm, "$11s");
}
