import { analytics } from "./analytics/module.ts";
import { audit } from "./audit/module.ts";
import { availability } from "./availability/module.ts";
import { calendar } from "./calendar/module.ts";
import type { JobModule } from "./module.ts";
import { notifications } from "./notifications/module.ts";

/** Every job: service, command line and replays map over this. */
export const modules: readonly JobModule[] = [
  notifications,
  availability,
  audit,
  calendar,
  analytics,
];
