import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../local-files.ts";
import { read, services } from "./support/deploy-files.ts";
import { describeService } from "./support/describe-service.ts";

test("Prometheus gives its alerts to the Alertmanager of the compose file, which somebody hears", () => {
  const { alerting } = parse(read("deploy/prometheus/prometheus.yml")) as {
    alerting: { alertmanagers: { dns_sd_configs: { names: string[]; port: number }[] }[] };
  };
  const [found] = alerting.alertmanagers.flatMap(({ dns_sd_configs: all }) => all);
  expect(found!.names).toEqual(["alertmanager"]);
  const { ports, environment } = services("docker-compose.yml")["alertmanager"]!;
  expect(ports![0]).toMatch(new RegExp(`:${found!.port}$`));
  const asked = [...read("deploy/alertmanager/render-config.sh").matchAll(/\bALERT_\w+/g)].map(([name]) => name);
  expect(Object.keys(environment!).sort()).toEqual([...new Set(asked)].sort());
});

test("every alert has a runbook", () => {
  const alerts = [...read("deploy/prometheus/alerts.yml").matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
  expect(alerts.length).toBeGreaterThan(15);
  const runbooks = readdirSync(join(root, "docs/operate")).map((file) => read(`docs/operate/${file}`)).join("\n");
  expect(alerts.filter((name) => !runbooks.includes(`\`${name}\``))).toEqual([]);
});

test.each([
  "deploy/prometheus/alerts.yml",
  "deploy/grafana/dashboards/appointments.json",
])("%s asks for metrics that exist", (file) => {
  const own = (["producer", "consumer"] as const).flatMap((name) => describeService(name).metrics)
    .map(({ name }) => name);
  const asked = new Set(
    read(file).match(
      /\b(?:outbox|events?|relay|http_request|queue|dependency|intents|dead_letters|reconcile|notifications?)_?[a-z_]*(?=[{[)" ])/g,
    ),
  );
  const names = [...asked].filter((name) => name.includes("_")).map((name) => name.replace(/_(bucket|count|sum)$/, ""));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !own.includes(name))).toEqual([]);
});
