import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const verificationFolder = "contracts/verifications";

/** What came of one consumer's pact. `pact` is the SHA-256 of its file: versions with equal pacts share results. */
export interface PactResult {
  interactions: number;
  pact: string;
  success: boolean;
}

/** What `prove` found for one version of the producer and one of the consumer (both git tree hashes). */
export interface Verification {
  producer: string;
  consumer: string;
  results: Record<string, PactResult>;
}

export function readVerifications(root: string): Verification[] {
  const folder = join(root, verificationFolder);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".json")).sort();
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Verification);
}

/** Writes or completes the pair's one file, sorted and without a time, and answers its path from the root. */
export function writeVerification(root: string, { producer, consumer, results }: Verification): string {
  const path = `${verificationFolder}/${producer.slice(0, 12)}-${consumer.slice(0, 12)}.json`;
  const known = readVerifications(root).find((one) => one.producer === producer && one.consumer === consumer);
  const sorted = Object.fromEntries(
    Object.entries({ ...known?.results, ...results })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { interactions, pact, success }]) => [name, { interactions, pact, success }]),
  );
  mkdirSync(join(root, verificationFolder), { recursive: true });
  writeFileSync(join(root, path), `${JSON.stringify({ producer, consumer, results: sorted }, null, 2)}\n`);
  return path;
}

/**
 * What is known about a producer and one consumer's pact. As in a Pact Broker a result belongs to the pact's content:
 * a consumer version whose pact has not changed needs no new verification.
 */
export function resultFor(
  verifications: Verification[],
  { consumer, consumerVersion, providerVersion }: {
    consumer: string;
    consumerVersion: string;
    providerVersion: string;
  },
): PactResult | undefined {
  const ofProducer = verifications.filter((one) => one.producer === providerVersion);
  const exact = ofProducer.find((one) => one.consumer === consumerVersion)?.results[consumer];
  if (exact) return exact;
  const pact = verifications.find((one) => one.consumer === consumerVersion)?.results[consumer]?.pact;
  return ofProducer.map((one) => one.results[consumer]).find((result) => result?.pact === pact && pact !== undefined);
}
