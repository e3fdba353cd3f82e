import { expect, test } from "vitest";
import { buildSearch } from "../../site/search-index.ts";
import { metricsPage } from "../../site/pages/metrics.tsx";
import { renderPage } from "../../site/render.tsx";
import type { Page } from "../../site/page.ts";

const render = (page: Page) => ({ page, html: renderPage(page, [page], "1.0.0") });

test("both services may have a metric of the same name", async () => {
  const metrics = [{ name: "metrics_collection_failed", type: "gauge", help: "1 when it could not be counted" }];
  const page = render(metricsPage([
    { service: "producer", configuration: [], metrics },
    { service: "consumer", configuration: [], metrics },
  ], []));
  expect(page.html).toContain('id="metric-producer-metrics_collection_failed"');
  await expect(buildSearch([page])).resolves.toBeDefined();
});
