import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";

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
