import type { Hono } from "hono";
import type { Sql } from "postgres";
import type { Config } from "../config.ts";
import { createPatientRoutes } from "../patients/export-route.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { OpsEnv } from "./access/guard.ts";
import { createSessions } from "./access/sessions.ts";
import type { Status } from "../status/status.ts";
import { createNowRoutes } from "./page/now-routes.tsx";
import { createPageApp } from "./page/page-app.tsx";
import { createTimelineRoutes } from "./page/timeline-routes.tsx";

export interface OperationsPageDependencies {
  config: Config;
  sql: Sql;
  log: Logger;
  now: () => Date;
  status(): Promise<Status>;
  /** Ends what is live. */
  stop: AbortSignal;
}

/** The operations page with all its parts. */
export function createOperationsPage(
  { config, sql, log, now, status, stop }: OperationsPageDependencies,
): Hono<OpsEnv> {
  const { keys, networks } = config.ops;
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
      createPatientRoutes(sources),
    ],
  });
}
