import { Buffer } from "node:buffer";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OPENAPI_DOCUMENT } from "../client-types.ts";
import { CONSUMER_DOCUMENT, type Contract, loadContract, PRODUCER_DOCUMENT } from "../contract.ts";
import { DEFINITIONS, renderDefinitions } from "../definitions.ts";
import { pactFolder } from "../deploy/participants.ts";
import { readPacts } from "../pact-files.ts";
import { project } from "../project.ts";
import type { KeyRow } from "../services.ts";
import type { Captured } from "../wire/producer-on-the-wire.ts";
import { workingTree } from "../working-tree.ts";

export const RELEASES = project.releases;
/** Names the release that the consumer's code is generated from. */
export const LOCK = project.lock;

/** A message of a release as the producer put it on the wire, to the byte. */
export interface GoldenMessage {
  exchange: string;
  routingKey: string;
  properties: Record<string, unknown>;
  body: string;
}

export interface Release {
  version: string;
  contract: Contract;
  /** Git tree hashes of the services that it was cut from. */
  services: { producer: string; consumer: string };
  messages: GoldenMessage[];
  /** What opens those that are encrypted. */
  keys?: KeyRow[];
}

export function releaseVersions(root: string): string[] {
  const folder = join(root, RELEASES);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

export function readRelease(root: string, version: string): Release {
  const read = (path: string) => readFileSync(join(root, RELEASES, version, path), "utf8");
  return { version, contract: loadContract(read), ...JSON.parse(read("release.json")) };
}

/**
 * Keeps the documents and the pacts where they are in the project, what the queues are declared with, the revisions of
 * both services, and the golden messages.
 */
export function writeRelease(
  root: string,
  version: string,
  services: Release["services"],
  { messages, keys }: Captured,
): string[] {
  const golden = messages.map(({ exchange, routingKey, properties, content }): GoldenMessage => ({
    exchange,
    routingKey,
    properties: withoutUndefined(properties),
    body: content.toString("utf8"),
  }));
  const files: Record<string, string> = {
    [PRODUCER_DOCUMENT]: readFileSync(join(root, PRODUCER_DOCUMENT), "utf8"),
    [CONSUMER_DOCUMENT]: readFileSync(join(root, CONSUMER_DOCUMENT), "utf8"),
    [DEFINITIONS]: renderDefinitions(workingTree(root)),
    ...Object.fromEntries([...readPacts(root)].map(([name, content]) => [`${pactFolder}/${name}`, content])),
    ...(existsSync(join(root, OPENAPI_DOCUMENT))
      ? { [OPENAPI_DOCUMENT]: readFileSync(join(root, OPENAPI_DOCUMENT), "utf8") }
      : {}),
    "release.json": `${JSON.stringify({ services, messages: golden, keys }, null, 2)}\n`,
  };
  return Object.entries(files).map(([name, content]) => {
    const path = `${RELEASES}/${version}/${name}`;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    return path;
  });
}

/** A golden message as it goes to RabbitMQ again. */
export function toPublish({ exchange, routingKey, properties, body }: GoldenMessage) {
  const { deliveryMode, ...rest } = properties;
  return { exchange, routingKey, body: Buffer.from(body), properties: { ...rest, persistent: deliveryMode === 2 } };
}

function withoutUndefined(properties: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
