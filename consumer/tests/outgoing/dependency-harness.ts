import pino from "pino";
import type { Sql } from "postgres";
import { expect } from "vitest";
import { readConfig } from "../../src/config.ts";
import { modules } from "../../src/jobs/modules.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { untraced } from "../../src/telemetry/tracing.ts";
import { run } from "../jobs/notifications/notifications-harness.ts";
import { eventually } from "../support/eventually.ts";

/** Runs, until the test is finished, the senders of a consumer that has these variables. */
export function runSenders(sql: Sql, variables: Record<string, string>) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: {}, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  const metrics = createMetrics();
  const config = readConfig({ DATABASE_URL: "postgres://localhost/x", AMQP_URL: "amqp://localhost", ...variables });
  const running = modules.filter(({ name }) => config.jobs.includes(name));
  const dependencies = { config, sql, log, now: () => new Date(), metrics, tracer: untraced.tracer, audited: () => {} };
  run(sql, running.flatMap(({ workers }) => workers?.(dependencies) ?? []));

  async function refusing(dependency: string): Promise<string[]> {
    const { values } = await metrics.dependencyRefusing.get();
    const set = values.filter(({ labels, value }) => labels.dependency === dependency && value === 1);
    return set.map(({ labels }) => String(labels.refusal));
  }

  return {
    lines,
    refusing,
    /** Told in the log as an error, and in the metric that the alert looks at. */
    async expectRefusal(dependency: string, refusal: string): Promise<void> {
      await eventually(async () => expect(await refusing(dependency)).toEqual([refusal]));
      expect(lines).toContainEqual(expect.objectContaining({ level: 50, dependency, refusal }));
    },
    /** A warning, and nothing that would wake anybody for a configuration. */
    async expectOutage(dependency: string): Promise<void> {
      await eventually(() => expect(lines).toContainEqual(expect.objectContaining({ level: 40 })));
      expect(lines.filter(({ level }) => level === 50)).toEqual([]);
      expect(await refusing(dependency)).toEqual([]);
    },
  };
}
