import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
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

/** SHA-256 over the previous row's hash and the canonical JSON of this one, its position included. */
export function chainHash(previous: Uint8Array, position: number, outcome: AuditOutcome): Buffer {
  const said = canonicalJson({ position, ...outcome, occurredAt: outcome.occurredAt.toISOString() });
  return createHash("sha256").update(previous).update(said).digest();
}

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
  return createHash("sha256").update(canonicalJson(detail)).digest("base64");
}

/** The tree's leaf of a row; of one whose outcome is gone, that it was gone when the tree got it. */
export function entryHash(position: number, outcome: AuditOutcome | undefined): Buffer {
  return leafHash(canonicalJson(outcome ? entryRow(position, outcome) : { position, removed: true }));
}
