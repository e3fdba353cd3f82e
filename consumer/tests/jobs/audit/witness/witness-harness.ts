import pino from "pino";
import { onTestFinished } from "vitest";
import { sealOutcomes } from "../../../../src/jobs/audit/chain-store.ts";
import { signTree } from "../../../../src/jobs/audit/sign-tree.ts";
import { readCosigned } from "../../../../src/jobs/audit/witness/cosigned-checkpoint.ts";
import { createWitnessWorker } from "../../../../src/jobs/audit/witness/witness-worker.ts";
import { createMetrics } from "../../../../src/telemetry/metrics.ts";
import type { Certificate } from "../../../support/certificates.ts";
import { startWitness, type WitnessServer } from "../../../support/witness.ts";
import { type AuditHarness, createAuditHarness } from "../audit-harness.ts";
import { type AuditSettings, runAudit } from "../run-audit.ts";

export const patiently = { interval: 5, timeout: 20_000 };

type Gauge = (name: string) => Promise<number>;

export interface WitnessHarness {
  audit: AuditHarness;
  /** A new one after `empty`. */
  witness: WitnessServer;
  /** The worker's clock, in milliseconds. */
  now: number;
  lines: Record<string, unknown>[];
  empty(): Promise<void>;
  /** Another witness of this log, until the test is over. */
  startWitness(tls?: Certificate): Promise<WitnessServer>;
  /** Appends, seals and signs. */
  add(count: number): Promise<void>;
  startWorker(ca?: string): { gauge: Gauge; end(): Promise<void> };
  /** How many rows the checkpoint has that was cosigned last. */
  cosigned(): Promise<number | undefined>;
  /** What the log lines tell, one each. */
  problems(): unknown[];
  settings(): AuditSettings;
  verify(): ReturnType<typeof runAudit>;
}

export async function createWitnessHarness(): Promise<WitnessHarness> {
  const audit = await createAuditHarness();
  const harness: WitnessHarness = {
    audit,
    witness: undefined as never,
    now: 0,
    lines: [],

    async empty() {
      await audit.empty();
      Object.assign(harness, { now: 0, lines: [], witness: await harness.startWitness() });
    },

    async startWitness(tls) {
      const started = await startWitness([audit.checkpoints.signer], tls);
      onTestFinished(() => started.stop().catch(() => {}));
      return started;
    },

    async add(count) {
      await audit.append(count);
      while (await sealOutcomes(audit.sql, 100));
      await signTree(audit.sql, audit.checkpoints, false);
    },

    startWorker(ca) {
      const metrics = createMetrics();
      const stop = new AbortController();
      const { folder, signer } = audit.checkpoints;
      const { url, verifier } = harness.witness;
      const worker = createWitnessWorker({
        sql: audit.sql,
        folder,
        verifiers: [signer],
        witness: { url, verifier, ca },
        log: pino({ level: "info" }, { write: (line) => void harness.lines.push(JSON.parse(line)) }),
        nowMs: () => harness.now,
        metrics,
        lookEveryMs: 5,
      });
      const running = worker.run(stop.signal);
      const end = async () => {
        stop.abort();
        await running;
      };
      onTestFinished(end);
      const gauge: Gauge = async (name) => (await metrics.registry.getSingleMetric(name)!.get()).values[0]!.value;
      return { gauge, end };
    },

    async cosigned() {
      const { folder, signer } = audit.checkpoints;
      return (await readCosigned(folder, [signer], harness.witness.verifier))?.head.size;
    },

    problems: () => harness.lines.map(({ err, msg }) => (err as { message: string } | undefined)?.message ?? msg),
    settings: () => ({ jobs: audit, ...audit.checkpoints, witness: harness.witness }),
    verify: () => runAudit(harness.settings(), "verify"),
  };
  return harness;
}
