import type { JobModule } from "../module.ts";
import { createAuditJob } from "./audit.ts";
import { auditCommand } from "./command.ts";

export const audit: JobModule = {
  name: "audit",
  job: createAuditJob,
  command: auditCommand,
};
