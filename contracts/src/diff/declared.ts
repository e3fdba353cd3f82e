import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Contract, jobs } from "../contract.ts";
import { DEFINITIONS, describeQueue } from "../definitions.ts";
import { fileAt, git, isShallow, MissingHistory } from "../deploy/git.ts";
import { commitOfVersion, isTree } from "../deploy/service-version.ts";
import { arrayAt, type Json, type JsonObject, objectAt, textAt } from "../json.ts";
import { RELEASES } from "../release/release.ts";

/** What each queue is declared with: its name → its arguments. */
export type Declared = Map<string, JsonObject>;

/** As today's generator declares what the consumer's document describes. */
export function declaredBy(contract: Contract): Declared {
  return new Map(jobs(contract).flatMap((job) => describeQueue(job).queues).map((one) => [one.name, one.arguments]));
}

/** As the broker's definitions of a revision say: what the generator of that time made of the documents. */
export function declaredAt(root: string, revision: string): Declared | undefined {
  const file = `./${DEFINITIONS}`;
  const isThere = git(root, ["ls-tree", "--name-only", revision, file]) !== "";
  return isThere ? parse(fileAt(root, revision, file)) : undefined;
}

/** As a release recorded, or the revision that it was cut from; undefined where this clone has neither. */
export function declaredIn(root: string, version: string): Declared | undefined {
  const recorded = join(root, RELEASES, version, DEFINITIONS);
  if (existsSync(recorded)) return parse(readFileSync(recorded, "utf8"));
  const consumer = consumerOf(root, version);
  const commit = consumer !== undefined && isTree(root, consumer)
    ? commitOfVersion(root, "consumer", consumer)
    : undefined;
  return commit === undefined ? undefined : declaredAt(root, commit);
}

/** Throws in a shallow clone that lacks what a release was cut from: nothing known of it is not the same as no change. */
export function requireHistory(root: string, versions: string[]): void {
  for (const version of versions) {
    const consumer = consumerOf(root, version);
    if (consumer === undefined || declaredIn(root, version) !== undefined || !isShallow(root)) continue;
    throw new MissingHistory(`consumer ${consumer} of release ${version}`);
  }
}

function consumerOf(root: string, version: string): string | undefined {
  const record = join(root, RELEASES, version, "release.json");
  return existsSync(record) ? JSON.parse(readFileSync(record, "utf8")).services.consumer : undefined;
}

function parse(definitions: string): Declared {
  const queues: Json = JSON.parse(definitions);
  return new Map(arrayAt(queues, "queues").map((queue) => [textAt(queue, "name"), objectAt(queue, "arguments")]));
}
