/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { inline } from "../code.tsx";
import type { Guide } from "../load/guides.ts";
import type { Description } from "../load/services.ts";
import type { Page } from "../page.ts";
import { Table } from "../table.tsx";

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels?: { severity?: string };
  annotations: { summary: string; action: string };
}

export async function loadAlerts(root: string): Promise<AlertRule[]> {
  const text = await readFile(join(root, "deploy/prometheus/alerts.yml"), "utf8");
  const { groups } = parse(text) as { groups: { rules: (AlertRule | { record: string })[] }[] };
  return groups.flatMap(({ rules }) => rules).filter((rule): rule is AlertRule => "alert" in rule);
}

/** What Prometheus fills in, as a name for it: `{{ $labels.queue }}` is ‹queue›. */
function readable(summary: string): string {
  return summary.replaceAll(/\{\{(.*?)\}\}/g, (_, template: string) => {
    const label = /\$labels\.(\w+)/.exec(template)?.[1];
    return `‹${label ?? (template.includes("humanizeDuration") ? "time" : "number")}›`;
  });
}

function Alerts({ alerts, runbooks, link }: { alerts: AlertRule[]; runbooks: Guide[]; link: (to: string) => string }) {
  return (
    <Table label="Alerts" head={["Alert", "What it means", "Look at first"]}>
      {alerts.map(({ alert, expr, for: pending, labels, annotations }) => (
        <tr id={`alert-${alert}`}>
          <th scope="row">
            {alert} {labels?.severity
              ? <span class={`badge ${labels.severity === "page" ? "bad" : "quiet"}`}>{labels.severity}</span>
              : null}
          </th>
          <td>
            {readable(annotations.summary)}
            <span class="constraint">{expr}{pending ? `, for ${pending}` : ""}</span>
          </td>
          <td>
            {inline(annotations.action)}
            {runbooks.filter(({ markdown }) => markdown.includes(`\`${alert}\``)).map(({ path, title }) => (
              <div>
                <a href={link(path)}>{title}</a>
              </div>
            ))}
          </td>
        </tr>
      ))}
    </Table>
  );
}

type Metric = Description["metrics"][number];

function Metrics({ service, metrics, label }: { service: string; metrics: Metric[]; label: string }) {
  return (
    <Table label={label} head={["Metric", "Type", "Meaning"]}>
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
  );
}

/** prom-client's own, which every Node service has. */
const ofProcess = ({ name }: Metric) => /^(process|nodejs)_/.test(name);

function ServiceMetrics({ description: { service, metrics } }: { description: Description }) {
  const common = metrics.filter(ofProcess);
  return (
    <>
      <h2 id={`metrics-${service}`}>Metrics of the {service}</h2>
      <Metrics
        service={service}
        metrics={metrics.filter((metric) => !ofProcess(metric))}
        label={`Metrics of the ${service}`}
      />
      {common.length === 0 ? null : (
        <details>
          <summary>{common.length} more, of the process and of Node.js</summary>
          <Metrics service={service} metrics={common} label={`Metrics of the ${service}'s process`} />
        </details>
      )}
    </>
  );
}

export function metricsPage(descriptions: Description[], alerts: AlertRule[], runbooks: Guide[]): Page {
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
          <code>deploy/prometheus/alerts.yml</code>, tested with promtool. A red one wakes somebody up.
        </p>
        <h2 id="alerts">Alerts</h2>
        <Alerts alerts={alerts} runbooks={runbooks} link={link} />
        {descriptions.map((description) => <ServiceMetrics description={description} />)}
      </>
    ),
  };
}
