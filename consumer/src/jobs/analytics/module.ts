import type { JobModule } from "../module.ts";
import { createAnalyticsJob } from "./analytics.ts";
import { clearAnalytics } from "./analytics-store.ts";

export const analytics: JobModule = {
  name: "analytics",
  job: createAnalyticsJob,
  rebuild: clearAnalytics,
};
