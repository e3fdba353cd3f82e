import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadGuides } from "../../site/load/guides.ts";
import { loadAlerts, metricsPage } from "../../site/pages/metrics.tsx";
import { buildSearch } from "../../site/search-index.ts";
import { render, textOf } from "./site/render.ts";

const root = new URL("../../..", import.meta.url).pathname;

interface Rules {
  groups: { rules: { alert?: string; annotations: { action: string } }[] }[];
}

test("each alert says what to look at first, and leads to its runbook", async () => {
  const { runbooks } = await loadGuides(root);
  const page = render(metricsPage([], await loadAlerts(root), runbooks));
  const rowOf = (alert: string) => new RegExp(`<tr id="alert-${alert}">(.*?)</tr>`, "s").exec(page)?.[1] ?? "";
  const { groups } = parse(readFileSync(join(root, "deploy/prometheus/alerts.yml"), "utf8")) as Rules;
  const rules = groups.flatMap(({ rules }) => rules);
  expect(rules.length).toBeGreaterThan(10);
  for (const { alert, annotations } of rules) {
    if (alert === undefined) continue;
    const said = textOf(rowOf(alert)).replaceAll(" ", "");
    expect(said, alert).toContain(annotations.action.replaceAll(/[` ]/g, ""));
  }
  expect(rowOf("DeadLetters")).toContain('href="../operate/dead-letters.html"');
  expect(textOf(rowOf("JobBehind"))).toContain("‹number› events wait in ‹queue›");
});

test("both services may have a metric of the same name", async () => {
  const metrics = [{ name: "metrics_collection_failed", type: "gauge", help: "1 when it could not be counted" }];
  const page = metricsPage(
    ["producer", "consumer"].map((service) => ({ service, configuration: [], metrics })),
    [],
    [],
  );
  const html = render(page);
  expect(html).toContain('id="metric-producer-metrics_collection_failed"');
  await expect(buildSearch([{ page, html }])).resolves.toBeDefined();
});
