import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { expect } from "vitest";
import { genesis, sealRow } from "../../../src/jobs/audit/chain.ts";
import { readEvidence } from "../../../src/jobs/audit/evidence.ts";
import { type NoteSigner, signerOf } from "../../../src/jobs/audit/signed-note.ts";
import { type AuditSealerDependencies, createAuditSealer } from "../../../src/jobs/audit/sealer.ts";
import { type AuditVerdict, verifyAudit } from "../../../src/jobs/audit/verify.ts";
import { readChain } from "../../../src/jobs/audit/chain-store.ts";
import { appendAudit } from "../../../src/jobs/audit/audit-log.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";
import { eventually } from "../../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { runWorkers } from "../../support/run-workers.ts";

export interface AuditHarness extends TestDatabase {
  /** A folder outside of the database, and the key that the database never sees; a new folder after `empty`. */
  checkpoints: { folder: string; signer: NoteSigner };
  append(count: number, sql?: TestDatabase["sql"]): Promise<void>;
  /** Starts a sealer; the answer stops it, which writes a checkpoint. */
  startSealer(overrides?: Partial<AuditSealerDependencies>): () => Promise<void>;
  sealed(): Promise<void>;
  /** Runs a sealer until nothing waits, and stops it. */
  seal(): Promise<void>;
  verify(): Promise<AuditVerdict>;
  /** Computes every hash anew, as a forger would who knows how. */
  rewriteChain(): Promise<void>;
  empty(): Promise<void>;
}

export async function createAuditHarness(): Promise<AuditHarness> {
  const database = await createTestDatabase();
  const { sql } = database;
  const newFolder = () => mkdtemp(join(tmpdir(), "audit-"));

  const harness: AuditHarness = {
    ...database,
    checkpoints: { folder: await newFolder(), signer: signerOf("clinic.example/audit", randomBytes(32)) },

    async append(count, connection = sql) {
      for (let index = 0; index < count; index += 1) {
        const outcome = { occurredAt: new Date(), job: "calendar", action: "applied", eventKey: randomUUID() };
        await appendAudit(connection, outcome);
      }
    },

    startSealer(overrides = {}) {
      const stop = new AbortController();
      const sealer = createAuditSealer({
        sql,
        log: pino({ enabled: false }),
        now: () => new Date(),
        checkpoints: harness.checkpoints,
        ...overrides,
      });
      const running = runWorkers(sql, [sealer], stop.signal, 5);
      return () => {
        stop.abort();
        return running;
      };
    },

    sealed: () => eventually(async () => expect(await sql`select from audit_unsealed`).toHaveLength(0)),

    async seal() {
      const stop = harness.startSealer();
      await harness.sealed();
      await stop();
    },

    async verify() {
      const { folder, signer } = harness.checkpoints;
      const evidence = await readEvidence({ folder, verifiers: [signer] });
      expect(evidence.forged).toEqual([]);
      return await verifyAudit({ sql, evidence, signedSize: evidence.signedSize, patienceMs: 300 });
    },

    async rewriteChain() {
      const statements: string[] = [];
      await sql.begin(async (transaction) => {
        let previous = genesis;
        for await (const { position, outcome } of readChain(transaction)) {
          const { hash } = sealRow(previous, position, outcome!);
          const [from, to] = [previous.toString("hex"), hash.toString("hex")];
          statements.push(
            `update audit_chain set previous_hash = '\\x${from}', hash = '\\x${to}' where position = ${position}`,
          );
          previous = hash;
        }
      });
      await behindTheTrigger(sql, statements.join(";"));
    },

    async empty() {
      await rm(harness.checkpoints.folder, { recursive: true, force: true });
      harness.checkpoints.folder = await newFolder();
      await behindTheTrigger(sql, "truncate audit_outcomes, audit_unsealed, audit_chain, audit_tiles restart identity");
    },

    async drop() {
      await rm(harness.checkpoints.folder, { recursive: true, force: true });
      await database.drop();
    },
  };
  return harness;
}
