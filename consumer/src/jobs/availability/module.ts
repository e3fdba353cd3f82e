import type { JobModule } from "../module.ts";
import { createAvailabilityJob } from "./availability.ts";
import { createAvailabilityReader } from "./availability-reader.ts";
import { clearAvailability } from "./availability-store.ts";
import { createAvailabilityApp } from "./route.ts";
import { availabilityReconciliation } from "./reconcile.ts";

export const availability: JobModule = {
  name: "availability",
  job: createAvailabilityJob,
  routes: ({ config, sql, now }) =>
    createAvailabilityApp({ reader: createAvailabilityReader(sql), now, keys: config.ops.keys }),
  rebuild: clearAvailability,
  reconcile: () => availabilityReconciliation,
};
