import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import type { Logger } from "../../telemetry/logger.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { replaceDurably } from "./durable-file.ts";
import { type ExamineOptions, examineTrail } from "./examine-trail.ts";
import { readOrNothing } from "./tree-checkpoints.ts";
import { describe } from "./verify-command.ts";

const verificationSchema = v.object({ at: v.string(), rows: v.number(), problems: v.array(v.string()) });
type Verification = v.InferOutput<typeof verificationSchema>;

export interface AuditVerifierDependencies extends Pick<ExamineOptions, "sql" | "owner" | "audit" | "patienceMs"> {
  log: Logger;
  now: () => Date;
  metrics: Pick<Metrics, "auditProblems" | "auditVerified">;
  /** Between two verifications, whichever process does them. */
  everyMs?: number;
  /** Between the start and the first look at whether one is due, and between two looks. */
  firstLookMs?: number;
  lookEveryMs?: number;
}

const fileName = "last-verification.json";

/** Verifies the trail once a day: the outcome is two gauges, a log line, and a file beside the checkpoints. */
export function createAuditVerifier(deps: AuditVerifierDependencies) {
  const { audit, log, now, metrics, everyMs = 86_400_000 } = deps;
  const { firstLookMs = 10_000, lookEveryMs = 60_000 } = deps;
  const file = audit.folder === undefined ? undefined : join(audit.folder, fileName);
  let own: Verification | undefined;

  /** That of any process which has this folder. */
  async function last(): Promise<Verification | undefined> {
    const text = file === undefined ? undefined : await readOrNothing(file);
    if (text === undefined) return own;
    const result = v.safeParse(v.pipe(v.string(), v.parseJson(), verificationSchema), text);
    return result.success ? result.output : undefined;
  }

  function show({ at, problems }: Verification): void {
    metrics.auditProblems.set(problems.length);
    metrics.auditVerified.set(Date.parse(at) / 1_000);
  }

  async function verify(): Promise<void> {
    const { rows, problems } = await examineTrail(deps);
    own = { at: now().toISOString(), rows, problems: problems.map(describe) };
    if (problems.length === 0) log.info({ rows }, "audit trail verified");
    else log.error({ rows, problems: own.problems }, "audit trail broken");
    if (file !== undefined) await replaceDurably(file, `${JSON.stringify(own, undefined, 2)}\n`);
    show(own);
  }

  async function look(): Promise<void> {
    const verification = await last();
    if (verification) show(verification);
    // One that was written by a clock which has been set back since is none of the last day.
    if (verification && Math.abs(now().getTime() - Date.parse(verification.at)) < everyMs) return;
    await verify();
  }

  return {
    async run(stop: AbortSignal): Promise<void> {
      // Not while the service starts: a long trail takes a minute.
      for (await wait(stop, firstLookMs); !stop.aborted; await wait(stop, lookEveryMs)) {
        await look().catch((error) => log.error({ err: error }, "verifying the audit trail failed"));
      }
    },
  };
}

async function wait(stop: AbortSignal, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => {});
}
