import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contract } from "../contract.ts";
import type { PactResult } from "../deploy/verifications.ts";
import { at } from "../json.ts";
import type { Servers } from "../servers.ts";
import type { WireMessage } from "./capture.ts";
import { startMessageServer } from "./message-server.ts";
import { type Mismatch, verifyPact } from "./pact-verifier.ts";
import { type ProducerOnTheWire, withProducerOnTheWire } from "./producer-on-the-wire.ts";
import type { WalkOptions } from "../services.ts";
import { consumersTopology, describedTopology, topologyViolations } from "./topology.ts";
import { parseBody, type WireViolation, wireViolations } from "./wire-violations.ts";

export interface Pact {
  consumer: string;
  content: string;
}

export interface ProvedPact {
  consumer: string;
  result: PactResult;
  mismatches: Mismatch[];
}

export interface Proof {
  /** In the order of the pacts that were given. */
  pacts: ProvedPact[];
  /** What is wrong with all that was published, asked for by a pact or not. */
  violations: WireViolation[];
  /** What is wrong with the producer's answers to the requests, by its OpenAPI document. */
  answers: WireViolation[];
  /** Commands from states that the model walked, and the events that it compared; none where the bytes are wrong already. */
  walked: { commands: number; runs: number; events: number };
}

/**
 * Verifies pacts against what the producer in `root` really publishes: each provider state is brought about by
 * requests to its API, and the message is what then comes out of RabbitMQ. Whatever else comes out has to be described
 * as well.
 */
export async function prove(
  root: string,
  contract: Contract,
  servers: Servers,
  pacts: Pact[],
  options: WalkOptions,
): Promise<Proof> {
  // On a broker of its own, while the producer is busy with the pacts.
  const consumers = consumersTopology(root, servers).then((declared) => ({ declared }), (error) => ({ error }));
  async function readConsumers(): Promise<WireViolation[]> {
    const topology = await consumers;
    if ("error" in topology) throw topology.error;
    return topologyViolations(topology.declared, describedTopology(contract));
  }
  try {
    return await withProducerOnTheWire(
      root,
      contract,
      servers,
      (producer) => verifyAll(contract, producer, pacts, options, readConsumers),
    );
  } finally {
    await consumers;
  }
}

async function verifyAll(
  contract: Contract,
  producer: ProducerOnTheWire,
  pacts: Pact[],
  options: WalkOptions,
  readConsumers: () => Promise<WireViolation[]>,
): Promise<Proof> {
  let current: WireMessage | undefined;
  let served: WireMessage[] = [];
  let held: Awaited<ReturnType<ProducerOnTheWire["holdBack"]>> | undefined;
  const server = await startMessageServer({
    async setUp(state, params) {
      current = undefined;
      if (state === "an event waits for the broker") return void (held = await producer.holdBack());
      if (state === "events were published") {
        for (const event of ["a doctor was updated", "an appointment was created"]) await producer.emit(event, false);
        return void await producer.settle();
      }
      current = await producer.emit(state, params.optionalFields === true);
      // For requests that are about it.
      return { aggregateId: at(parseBody(current.content), "aggregateId") };
    },
    message(description) {
      if (!current) throw new Error(`no message came from the wire for "${description}"`);
      served.push(current);
      return current;
    },
    async answer(path, body) {
      const answer = await producer.answer(path, body);
      await held?.release();
      held = undefined;
      return answer;
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "pacts-"));
  const verified: VerifiedPact[] = [];
  try {
    for (const { consumer, content } of pacts) {
      served = [];
      const file = join(folder, "pact.json");
      writeFileSync(file, content);
      const { interactions, mismatches } = await verifyPact(file, server.port);
      const violations = wireViolations(contract, served);
      const success = mismatches.length === 0 && violations.length === 0;
      verified.push({ consumer, result: { interactions, pact: digest(content), success }, mismatches, violations });
    }
    const left = (await producer.settle()).map((name) => ({
      pointer: "/operations",
      reason: `${name} is not published`,
    }));
    const early = [...wireViolations(contract, [...producer.messages]), ...left];
    const isRight = early.length === 0 && verified.every(({ result }) => result.success);
    // What bytes mean is asked once they are what the document says.
    const walk = isRight ? await producer.walk(options) : undefined;
    const meant = walk
      ? [...walk.violations, ...wireViolations(contract, [...producer.messages]), ...await producer.brokerViolations()]
      : early;
    const violations = [...meant, ...await readConsumers()];
    const answers = producer.answerViolations();
    const walked = { commands: walk?.covered.size ?? 0, runs: walk?.runs ?? 0, events: walk?.events ?? 0 };
    return { pacts: judge(verified, [...violations, ...answers]), violations, answers, walked };
  } finally {
    await held?.release();
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

/** What a verification knows a pact by. */
export function digest(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

interface VerifiedPact extends ProvedPact {
  /** What is wrong with the messages that this pact asked for. */
  violations: WireViolation[];
}

/** What is wrong with a message that no pact asked for belongs to no consumer, so the producer fails every one. */
export function judge(verified: VerifiedPact[], all: WireViolation[]): ProvedPact[] {
  const asked = new Set(verified.flatMap(({ violations }) => violations).map((violation) => JSON.stringify(violation)));
  const strays = all.some((violation) => !asked.has(JSON.stringify(violation)));
  return verified.map(({ consumer, result, mismatches }) => (
    { consumer, result: { ...result, success: result.success && !strays }, mismatches }
  ));
}
