/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { inline } from "../code.tsx";
import { Table } from "../layout.tsx";
import type { Description } from "../load/services.ts";
import type { Page } from "../page.ts";
import { markdownPage } from "./markdown.tsx";

interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

async function loadAlerts(root: string): Promise<AlertRule[]> {
  const text = await readFile(
    join(root, "deploy/prometheus/alerts.yml"),
    "utf8",
  );
  const { groups } = parse(text) as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

function metricsPage(descriptions: Description[], alerts: AlertRule[]): Page {
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
                <tr id={`metric-${name}`}>
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

function configurationPage(descriptions: Description[]): Page {
  return {
    path: "operate/configuration.html",
    title: "Configuration",
    section: "Operate",
    summary: "Every environment variable of both services, generated from the schemas that read them.",
    body: () => (
      <>
        <h1>Configuration</h1>
        <p class="lead">
          By environment variables, read once at the start. Every wrong one is printed, then the service exits with 1.
        </p>
        {descriptions.map(({ service, configuration }) => (
          <>
            <h2 id={service}>{service}</h2>
            <Table
              label={`Configuration of the ${service}`}
              head={["Variable", "Default", "Meaning"]}
            >
              {configuration.map((
                { name, required, fallback, description },
              ) => (
                <tr id={`${service}-${name}`}>
                  <th scope="row">
                    <code>{name}</code>
                    {required ? <span class="required">required</span> : null}
                  </th>
                  <td>
                    {fallback === undefined ? "" : <code>{fallback}</code>}
                  </td>
                  <td>{inline(description)}</td>
                </tr>
              ))}
            </Table>
          </>
        ))}
      </>
    ),
  };
}

/** Metrics and configuration from the services themselves, alerts from their rules, and the runbooks. */
export async function operatePages(
  root: string,
  descriptions: Description[],
): Promise<Page[]> {
  const folder = join(root, "docs/operate");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".md"))
    .sort();
  const known = new Map(
    files.map((file) => [file, `operate/${file.replace(".md", ".html")}`]),
  );
  const runbooks = await Promise.all(files.map(async (file) =>
    markdownPage({
      markdown: await readFile(join(folder, file), "utf8"),
      path: known.get(file) as string,
      section: "Operate",
      known,
    })
  ));
  return [
    metricsPage(descriptions, await loadAlerts(root)),
    configurationPage(descriptions),
    ...runbooks,
  ];
}
