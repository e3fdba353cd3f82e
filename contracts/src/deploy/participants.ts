import { readdirSync } from "node:fs";
import { join } from "node:path";

export type Service = "producer" | "consumer";

export const provider = "appointment-producer";

/** Where the pacts are, from the project's root. */
export const pactFolder = "contracts/pacts";

export interface Participant {
  /** Its name in a Pact Broker, such as `appointment-audit`. */
  name: string;
  /** The folder whose tree hash is its version. */
  service: Service;
}

/** The consumers of the pacts, in order: each job is one. */
export function consumers(root: string): string[] {
  const suffix = `-${provider}.json`;
  return readdirSync(join(root, pactFolder))
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
    .sort();
}

/** `producer`, `consumer` (stands for all of its pacts), or one job by its short or its full name. */
export function participantsNamed(name: string, consumerNames: string[]): Participant[] {
  if (name === "producer" || name === provider) return [{ name: provider, service: "producer" }];
  if (name === "consumer") return consumerNames.map((consumer) => ({ name: consumer, service: "consumer" }));
  return consumerNames
    .filter((consumer) => consumer === name || consumer === `appointment-${name}`)
    .map((consumer) => ({ name: consumer, service: "consumer" }));
}
