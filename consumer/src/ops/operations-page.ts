import type { Hono } from "hono";
import type { Sql } from "postgres";
import type { Publisher } from "../broker/publisher.ts";
import type { Topology } from "../broker/topology.ts";
import { createTasks } from "../failures/tasks.ts";
import type { Config } from "../config.ts";
import { createPatientRoutes } from "../patients/export-route.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { OpsEnv } from "./access/guard.ts";
import { createSessions } from "./access/sessions.ts";
import type { Status } from "../status/status.ts";
import { createFailuresRoutes } from "./page/failures-routes.tsx";
import { createIncidentRoutes } from "./page/incident-routes.ts";
import { createLetterRoutes } from "./page/letter-routes.tsx";
import { createNowRoutes } from "./page/now-routes.tsx";
import { createPageApp } from "./page/page-app.tsx";
import { createReceiptRoutes } from "./page/receipt-routes.ts";
import { createTimelineRoutes } from "./page/timeline-routes.tsx";

export interface OperationsPageDependencies {
  config: Config;
  sql: Sql;
  log: Logger;
  now: () => Date;
  publisher: Publisher;
  topology: Topology;
  status(): Promise<Status>;
  /** Ends what is live. */
  stop: AbortSignal;
}

/** The operations page with all its parts. */
export function createOperationsPage(
  deps: OperationsPageDependencies,
): Hono<OpsEnv> {
  const { config, sql, log, now, status, stop, publisher, topology } = deps;
  const { keys, networks } = config.ops;
  const tasks = createTasks({ sql, publisher, topology, log, now, stop });
  const sources = {
    sql,
    producer: config.producer,
    mailFrom: config.mail?.from.address ?? "",
    inboxRetentionDays: config.inboxRetentionDays,
    traceUrl: config.traceUrl,
    now,
  };
  return createPageApp({
    keys,
    networks,
    log,
    sessions: createSessions({ sql, keys, now }),
    parts: [
      createNowRoutes({ sql, status, now, stop }),
      createTimelineRoutes({ sources, stop }),
      createFailuresRoutes({ sql, tasks, now, stop }),
      createLetterRoutes({ sql, publisher, topology, now }),
      createReceiptRoutes({ sql, audit: config.audit }),
      createIncidentRoutes({ config, timeline: sources }),
      createPatientRoutes(sources),
    ],
  });
}
