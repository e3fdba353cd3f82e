/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { Table } from "../layout.tsx";
import type { Description } from "../load/services.ts";
import type { Page } from "../page.ts";

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export async function loadAlerts(root: string): Promise<AlertRule[]> {
  const text = await readFile(
    join(root, "deploy/prometheus/alerts.yml"),
    "utf8",
  );
  const { groups } = parse(text) as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export function metricsPage(descriptions: Description[], alerts: AlertRule[]): Page {
  return {
    path: "operate/metrics.html",
    title: "Metrics and alerts",
    section: "Operate",
    summary: "Every metric of both services and every alert rule, with what to look at first.",
    body: (link) => (
      <>
        <h1>Metrics and alerts</h1>
        <p class="lead">
          Each service answers <code>GET /metrics</code> in Prometheus' format. The rules are in{" "}
          <code>deploy/prometheus/alerts.yml</code>, tested with promtool.
        </p>
        <h2 id="alerts">Alerts</h2>
        <Table label="Alerts" head={["Alert", "When", "What it means"]}>
          {alerts.map((rule) => (
            <tr id={`alert-${rule.alert}`}>
              <th scope="row">{rule.alert}</th>
              <td>
                <code>{rule.expr}</code>
                {rule.for ? <span class="constraint">for {rule.for}</span> : null}
              </td>
              <td>
                {[rule.annotations?.summary, rule.annotations?.description]
                  .join(" ").replaceAll(/\{\{.*?\}\}/g, "…")}
              </td>
            </tr>
          ))}
        </Table>
        {descriptions.map(({ service, metrics }) => (
          <>
            <h2 id={`metrics-${service}`}>Metrics of the {service}</h2>
            <Table
              label={`Metrics of the ${service}`}
              head={["Metric", "Type", "Meaning"]}
            >
              {metrics.map(({ name, type, help }) => (
                <tr id={`metric-${service}-${name}`}>
                  <th scope="row">
                    <code>{name}</code>
                  </th>
                  <td>{type}</td>
                  <td>{help}</td>
                </tr>
              ))}
            </Table>
          </>
        ))}
        <p>
          Runbooks: <a href={link("operate/dead-letters.html")}>dead letters</a>,{" "}
          <a href={link("operate/full-queues.html")}>full queues</a>,{" "}
          <a href={link("operate/broker-loss.html")}>broker loss</a>,{" "}
          <a href={link("operate/unknown-sends.html")}>unknown sends</a>,{" "}
          <a href={link("operate/key-rotation.html")}>key rotation</a>.
        </p>
      </>
    ),
  };
}
