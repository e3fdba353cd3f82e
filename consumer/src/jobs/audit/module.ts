import type { JobModule } from "../module.ts";
import { createAuditJob } from "./audit.ts";
import { auditCommand } from "./command.ts";
import { auditReconciliation } from "./reconcile.ts";

export const audit: JobModule = {
  name: "audit",
  job: createAuditJob,
  command: auditCommand,
  reconcile: () => auditReconciliation,
};
