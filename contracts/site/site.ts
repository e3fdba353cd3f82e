import { loadDeployability, verificationOf } from "./load/deployments.ts";
import { loadModel } from "./load/model.ts";
import { goldenOf, historyOf, loadReleases } from "./load/releases.ts";
import { loadDescriptions, loadOpenApi } from "./load/services.ts";
import { loadSnippets } from "./load/snippets.ts";
import type { Page } from "./page.ts";
import { apiPage } from "./pages/api.tsx";
import { compatibilityPage } from "./pages/compatibility.tsx";
import { contractsPage } from "./pages/contracts.ts";
import { decisionPages } from "./pages/decisions.ts";
import { eventIndexPage, eventPage } from "./pages/events.tsx";
import { jobIndexPage, jobPage } from "./pages/jobs.tsx";
import { operatePages } from "./pages/operate.ts";
import { startPage } from "./pages/start.tsx";

export interface Site {
  version: string;
  pages: Page[];
}

/** Every page, in the order of the navigation. */
export async function loadSite(root: string): Promise<Site> {
  const model = await loadModel(root);
  const snippets = await loadSnippets(root);
  const releases = loadReleases(root);
  const deployability = loadDeployability(root);
  return {
    version: model.producer.info.version,
    pages: [
      startPage(model),
      eventIndexPage(model),
      ...model.events.map((event) =>
        eventPage(event, {
          golden: goldenOf(releases.releases, event.name),
          snippets,
          history: historyOf(releases, event.name),
        })
      ),
      jobIndexPage(model),
      ...model.jobs.map((job) => jobPage(model, job, verificationOf(deployability, job.name))),
      await contractsPage(root),
      compatibilityPage(releases, deployability),
      apiPage(await loadOpenApi(root)),
      ...(await operatePages(root, await loadDescriptions(root))),
      ...(await decisionPages(root)),
    ],
  };
}
