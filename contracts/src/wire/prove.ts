import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contract } from "../contract.ts";
import type { PactResult } from "../deploy/verifications.ts";
import type { Servers } from "../servers.ts";
import type { WireMessage } from "./capture.ts";
import { startMessageServer } from "./message-server.ts";
import { type Mismatch, verifyPact } from "./pact-verifier.ts";
import { type ProducerOnTheWire, withProducerOnTheWire } from "./producer-on-the-wire.ts";
import { type WireViolation, wireViolations } from "./wire-violations.ts";

export interface Pact {
  consumer: string;
  content: string;
}

export interface ProvedPact {
  consumer: string;
  result: PactResult;
  mismatches: Mismatch[];
  violations: WireViolation[];
}

export interface Proof {
  /** In the order of the pacts that were given. */
  pacts: ProvedPact[];
  /** Messages that were verified without having come through the broker. */
  fixtures: number;
}

/**
 * Verifies pacts against what the producer in `root` really publishes: each provider state is brought about by
 * requests to its API, and the message is what then comes out of RabbitMQ.
 */
export async function prove(root: string, contract: Contract, servers: Servers, pacts: Pact[]): Promise<Proof> {
  return await withProducerOnTheWire(root, contract, servers, (producer) => verifyAll(contract, producer, pacts));
}

async function verifyAll(contract: Contract, producer: ProducerOnTheWire, pacts: Pact[]): Promise<Proof> {
  let current: WireMessage | undefined;
  let served: WireMessage[] = [];
  const server = await startMessageServer({
    async setUp(state, params) {
      current = undefined;
      current = await producer.emit(state, params.optionalFields === true);
    },
    message(description) {
      if (!current) throw new Error(`no message came from the wire for "${description}"`);
      served.push(current);
      return current;
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "pacts-"));
  const proof: Proof = { pacts: [], fixtures: 0 };
  try {
    for (const { consumer, content } of pacts) {
      served = [];
      const file = join(folder, "pact.json");
      writeFileSync(file, content);
      const { interactions, mismatches } = await verifyPact(file, server.port);
      const violations = distinct(served.flatMap((message) => wireViolations(contract, message)));
      const success = mismatches.length === 0 && violations.length === 0;
      proof.pacts.push({ consumer, result: { interactions, pact: digest(content), success }, mismatches, violations });
      proof.fixtures += served.filter((message) => !producer.messages.has(message)).length;
    }
    return proof;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

/** What a verification knows a pact by. */
export function digest(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

function distinct(violations: WireViolation[]): WireViolation[] {
  return [...new Map(violations.map((violation) => [JSON.stringify(violation), violation])).values()];
}
