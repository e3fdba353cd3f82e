import { loadDeployability } from "./load/deployments.ts";
import { type Downloads, loadDownloads } from "./load/downloads.ts";
import { loadGuides } from "./load/guides.ts";
import { loadModel } from "./load/model.ts";
import { goldenOf, historyOf, loadReleases } from "./load/releases.ts";
import { readReplays } from "./load/replays.ts";
import { loadDescriptions, loadOpenApi } from "./load/services.ts";
import { loadSnippets } from "./load/snippets.ts";
import type { Page } from "./page.ts";
import { apiPages } from "./pages/api/pages.tsx";
import { compatibilityPage } from "./pages/compatibility/page.tsx";
import { configurationPage } from "./pages/configuration.tsx";
import { decisionIndexPage } from "./pages/decision-index.tsx";
import { eventIndexPage } from "./pages/event-index.tsx";
import { eventPage } from "./pages/event.tsx";
import { guidePage } from "./pages/guide.tsx";
import { jobIndexPage } from "./pages/job-index.tsx";
import { jobPage } from "./pages/job.tsx";
import { loadAlerts, metricsPage } from "./pages/metrics.tsx";
import { startPage } from "./pages/start.tsx";

export interface Site {
  version: string;
  /** The revision that it is generated from. */
  revision: { commit: string; date: string };
  pages: Page[];
  /** For programs. */
  downloads: Downloads;
}

/** Every page, in the order of the navigation. */
export async function loadSite(root: string): Promise<Site> {
  const [model, api, descriptions, snippets, guides, alerts] = await Promise.all([
    loadModel(root),
    loadOpenApi(root),
    loadDescriptions(root),
    loadSnippets(root),
    loadGuides(root),
    loadAlerts(root),
  ]);
  const releases = loadReleases(root);
  const gate = loadDeployability(root, releases.releases);
  const { contracts, runbooks, decisions } = guides;
  const guide = (one: typeof contracts[number]) => guidePage(one, [...contracts, ...runbooks, ...decisions]);
  return {
    version: model.producer.info.version,
    revision: gate.revisions[0] ?? { commit: "", date: "" },
    downloads: await loadDownloads(root, model, api),
    pages: [
      startPage(model, api),
      eventIndexPage(model),
      ...model.events.map((event) =>
        eventPage(model, event, {
          golden: goldenOf(releases.releases, event.name),
          snippets,
          history: historyOf(releases, event.name),
        })
      ),
      jobIndexPage(model),
      ...model.jobs.map((job) => jobPage(model, job, gate)),
      ...apiPages(api),
      ...contracts.map(guide),
      compatibilityPage(releases, gate, readReplays(root)),
      metricsPage(descriptions, alerts, runbooks),
      configurationPage(descriptions),
      ...runbooks.map(guide),
      decisionIndexPage(decisions),
      ...decisions.map(guide),
    ],
  };
}
