import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Contract, sentEvents } from "../contract.ts";
import type { PactResult } from "../deploy/verifications.ts";
import { textAt } from "../json.ts";
import type { Servers } from "../servers.ts";
import { type Capture, startCapture, type WireMessage } from "./capture.ts";
import { startMessageServer } from "./message-server.ts";
import { type Mismatch, verifyPact } from "./pact-verifier.ts";
import { createPrivateServers } from "./private-servers.ts";
import { startProducer } from "./producer-process.ts";
import { createProducerApi, providerStates } from "./provider-states.ts";
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
  /** Every message that was verified. */
  messages: WireMessage[];
}

/**
 * Verifies pacts against what the producer in `root` really publishes: each provider state is brought about by
 * requests to its API, and the message is what then comes out of RabbitMQ.
 */
export async function prove(root: string, contract: Contract, servers: Servers, pacts: Pact[]): Promise<Proof> {
  const own = await createPrivateServers(servers, "prove");
  try {
    const producer = await startProducer(join(root, "producer"), own);
    try {
      const exchange = textAt(sentEvents(contract)[0]?.exchange, "name");
      const capture = await startCapture(own.amqpUrl, exchange);
      try {
        return await verifyAll(contract, capture, createProducerApi(producer), pacts);
      } finally {
        await capture.close();
      }
    } finally {
      await producer.stop();
    }
  } finally {
    await own.drop();
  }
}

async function verifyAll(
  contract: Contract,
  capture: Capture,
  api: ReturnType<typeof createProducerApi>,
  pacts: Pact[],
): Promise<Proof> {
  let current: WireMessage | undefined;
  let served: WireMessage[] = [];
  const server = await startMessageServer({
    async setUp(name, params) {
      current = undefined;
      const state = providerStates[name];
      if (!state) throw new Error(`no provider state is called "${name}"`);
      const { eventName, aggregateId } = await state(api, params.optionalFields === true);
      current = await capture.take(eventName, aggregateId);
    },
    message(description) {
      if (!current) throw new Error(`no message came from the wire for "${description}"`);
      served.push(current);
      return current;
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "pacts-"));
  const proof: Proof = { pacts: [], fixtures: 0, messages: [] };
  try {
    for (const { consumer, content } of pacts) {
      served = [];
      const file = join(folder, "pact.json");
      writeFileSync(file, content);
      const { interactions, mismatches } = await verifyPact(file, server.port);
      const violations = distinct(served.flatMap((message) => wireViolations(contract, message)));
      const success = mismatches.length === 0 && violations.length === 0;
      proof.pacts.push({ consumer, result: { interactions, pact: digest(content), success }, mismatches, violations });
      proof.messages.push(...served);
    }
    proof.fixtures = proof.messages.filter((message) => !capture.holds(message)).length;
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
