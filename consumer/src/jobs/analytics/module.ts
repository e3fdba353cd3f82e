import type { JobModule } from "../module.ts";
import { createAnalyticsJob } from "./analytics.ts";
import { clearAnalytics } from "./analytics-store.ts";
import { analyticsReconciliation } from "./reconcile.ts";

export const analytics: JobModule = {
  name: "analytics",
  job: createAnalyticsJob,
  rebuild: clearAnalytics,
  reconcile: () => analyticsReconciliation,
};
