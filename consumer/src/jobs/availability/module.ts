import type { JobModule } from "../module.ts";
import { createAvailabilityJob } from "./availability.ts";
import { createAvailabilityReader } from "./availability-reader.ts";
import { clearAvailability } from "./availability-store.ts";
import { createAvailabilityApp } from "./route.ts";
import { availabilityReconciliation } from "./reconcile.ts";

export const availability: JobModule = {
  name: "availability",
  job: createAvailabilityJob,
  routes: ({ sql, now }) => createAvailabilityApp({ reader: createAvailabilityReader(sql), now }),
  rebuild: clearAvailability,
  reconcile: () => availabilityReconciliation,
};
