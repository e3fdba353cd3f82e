import { Buffer } from "node:buffer";
import { createHash, hash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import { leafHash } from "./merkle.ts";

/** An outcome row as it is stored. */
export interface AuditOutcome {
  id: number;
  occurredAt: Date;
  job: string;
  action: string;
  eventKey: string | null;
  eventName: string | null;
  aggregateId: string | null;
  correlationId: string | null;
  actor: string | null;
  detail: unknown;
}

/** What comes before the first row. */
export const genesis: Buffer = Buffer.alloc(32);

/** A row as an entry of the tree: of `detail` its SHA-256 only, so that an entry is short whatever happened. */
export interface AuditEntryRow extends Omit<AuditOutcome, "occurredAt" | "detail"> {
  position: number;
  occurredAt: string;
  detailSha256: string;
}

export function entryRow(position: number, { detail, ...outcome }: AuditOutcome): AuditEntryRow {
  return { position, ...outcome, occurredAt: outcome.occurredAt.toISOString(), detailSha256: digestOf(detail) };
}

/** The SHA-256 of the canonical JSON, in base64. */
export function digestOf(detail: unknown): string {
  return hash("sha256", canonicalJson(detail), "base64");
}

/**
 * What seals a row: in the chain SHA-256 over the previous row's hash and the canonical JSON of this one, its position
 * included; in the tree the leaf hash of its entry.
 */
export function sealRow(previous: Uint8Array, position: number, outcome: AuditOutcome): { hash: Buffer; leaf: Buffer } {
  const { whole, entry } = rowTexts(position, outcome);
  return { hash: createHash("sha256").update(previous).update(whole).digest(), leaf: leafHash(entry) };
}

/** The leaf of a row whose outcome is gone: that it was gone when the tree got it. */
export function removedLeaf(position: number): Buffer {
  return leafHash(canonicalJson({ position, removed: true }));
}

/** Both canonical JSON, which differ in one member, in the place that its name has in their order. */
function rowTexts(position: number, outcome: AuditOutcome): { whole: string; entry: string } {
  const { action, actor, aggregateId, correlationId, eventKey, eventName, id, job } = outcome;
  const occurredAt = outcome.occurredAt.toISOString();
  const before = canonicalJson({ action, actor, aggregateId, correlationId }).slice(0, -1);
  const after = canonicalJson({ eventKey, eventName, id, job, occurredAt, position }).slice(1);
  const detail = canonicalJson(outcome.detail);
  return {
    whole: `${before},"detail":${detail},${after}`,
    entry: `${before},"detailSha256":"${hash("sha256", detail, "base64")}",${after}`,
  };
}
