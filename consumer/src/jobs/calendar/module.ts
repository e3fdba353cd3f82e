import { watchDependency } from "../../telemetry/dependency-refusals.ts";
import { createIntentTrace } from "../../telemetry/intent-span.ts";
import type { JobModule } from "../module.ts";
import { createCaldavClient } from "./caldav-client.ts";
import { createCalendarJob } from "./calendar.ts";
import { createCalendarSender } from "./calendar-sender.ts";
import { calendarCommand } from "./command.ts";
import { createNoCalendarSender } from "./no-calendar-sender.ts";
import { calendarRows } from "./reconcile.ts";
import { compareEntries, findStrangers } from "./reconcile-server.ts";
import { countUnfinishedEntries } from "./unfinished-entries.ts";

export const calendar: JobModule = {
  name: "calendar",
  job: createCalendarJob,
  workers({ config: { caldav }, sql, log, metrics, tracer, audited }) {
    if (!caldav) {
      log.info("CALDAV_URL is not set: no calendars are written");
      return [createNoCalendarSender({ sql, log })];
    }
    const watch = watchDependency({ dependency: "caldav", gauge: metrics.dependencyRefusing, log });
    const trace = createIntentTrace({ tracer, name: "write calendar entry", url: caldav.url });
    return [createCalendarSender({ sql, log, caldav, watch, trace, audited })];
  },
  command: calendarCommand,
  gauges: countUnfinishedEntries,
  reconcile({ caldav }) {
    if (!caldav) return calendarRows;
    const client = createCaldavClient(caldav);
    return {
      ...calendarRows,
      compareOutside: (sql, ids, now) => compareEntries(client, sql, ids, now),
      findStrangers: (sql, now) => findStrangers(client, sql, now),
    };
  },
};
