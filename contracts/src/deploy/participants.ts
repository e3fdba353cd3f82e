import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { project } from "../project.ts";
import { git } from "./git.ts";
import { commitOfVersion, serviceVersion } from "./service-version.ts";

export type Service = "producer" | "consumer";

export const provider = project.pacts.provider;

/** Where the pacts are, from the project's root. */
export const pactFolder = project.pacts.folder;

export interface Participant {
  /** Its name in a Pact Broker, such as `appointment-audit`. */
  name: string;
  /** The folder whose tree hash is its version. */
  service: Service;
}

/** The consumers of the pacts, in order: each job is one. */
export function consumers(root: string): string[] {
  return consumersOf(readdirSync(join(root, pactFolder)));
}

/** The consumers of a version that is not checked out: its jobs, which may be more or fewer than today's. */
export function consumersOfVersion(root: string, version: string): string[] {
  const isHead = version === serviceVersion(root, "consumer");
  const commit = isHead ? undefined : commitOfVersion(root, "consumer", version);
  if (commit === undefined) return consumers(root);
  const paths = git(root, ["ls-tree", "--name-only", commit, `./${pactFolder}/`]).split("\n");
  return consumersOf(paths.map((path) => basename(path)));
}

function consumersOf(files: string[]): string[] {
  const suffix = `-${provider}.json`;
  return files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length)).sort();
}

/** `producer`, `consumer` (stands for all of its pacts), or one job by its short or its full name. */
export function participantsNamed(name: string, consumerNames: string[]): Participant[] {
  if (name === "producer" || name === provider) return [{ name: provider, service: "producer" }];
  if (name === "consumer") return consumerNames.map((consumer) => ({ name: consumer, service: "consumer" }));
  return consumerNames
    .filter((consumer) => consumer === name || consumer === project.pacts.consumerPrefix + name)
    .map((consumer) => ({ name: consumer, service: "consumer" }));
}
