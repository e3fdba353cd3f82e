import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import type { Config } from "../config.ts";
import type { JobModule } from "../jobs/module.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import { finishNight, takeNight } from "./night-store.ts";
import { reconcile, ReconcileBusy } from "./reconcile.ts";

export interface NightlyDependencies {
  sql: Sql;
  config: Config;
  modules: readonly JobModule[];
  now: () => Date;
  log: Logger;
  /** How often the clock is looked at. */
  everyMs?: number;
}

/** How long after its time a night's comparison may still begin. */
const windowMs = 3_600_000;
const dayMs = 86_400_000;

/** The night whose comparison may begin now: the time `HH:MM` of UTC, up to an hour ago. */
export function nightOf(at: string, now: Date): Date | undefined {
  const [hour, minute] = at.split(":").map(Number);
  const since = (now.getTime() - (hour! * 60 + minute!) * 60_000) % dayMs;
  return since < windowMs ? new Date(now.getTime() - since) : undefined;
}

/** Compares with the archive once a night, in one of the processes. */
export function createNightly({ sql, config, modules, now, log, everyMs = 60_000 }: NightlyDependencies) {
  const { reconcile: { at, days, repair }, producer: archive } = config;

  async function compare(night: Date, stop: AbortSignal): Promise<void> {
    if (!archive || !await takeNight(sql, night, now())) return;
    const report = await reconcile({
      sql,
      config,
      archive,
      modules,
      since: new Date(night.getTime() - days * dayMs),
      repair,
      actor: "nightly",
      now,
      stop,
      report: (difference) => log.warn({ ...difference }, "difference from the archive"),
      progress: () => {},
    });
    await finishNight(sql, night, report, now());
    log[report.found > report.mended || report.failures.length > 0 ? "error" : "info"](
      report,
      "compared with the archive",
    );
  }

  return {
    async run(stop: AbortSignal): Promise<void> {
      while (at !== undefined && !stop.aborted) {
        const night = nightOf(at, now());
        await (night && compare(night, stop))?.catch((error) => {
          if (error instanceof ReconcileBusy || stop.aborted) return;
          log.error({ error: errorText(error) }, "comparing with the archive failed");
        });
        await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
      }
    },
  };
}
