import { Buffer } from "node:buffer";
import type { Change } from "../../src/diff/change.ts";
import { releaseSide, workingSide } from "../../src/diff/base.ts";
import { diffContracts } from "../../src/diff/diff.ts";
import type { Side } from "../../src/diff/readers.ts";
import { validateAgainst } from "../../src/release/replay.ts";
import { readRelease, type Release, releaseVersions } from "../../src/release/release.ts";

/** A message as it was on the wire. */
export interface WireMessage {
  properties: Record<string, unknown>;
  body: Record<string, unknown>;
}

/** What the relay of a release really published of one event. */
export interface Golden {
  release: string;
  messages: WireMessage[];
  /** The one with the most fields. */
  shown: WireMessage;
}

/** What changed from one version of the contract to a later one. */
export interface Comparison {
  from: string;
  to: string;
  changes: Change[];
}

/** The messages of one version, held against what the jobs of another are told by its schemas. */
export interface Cell {
  producer: string;
  consumer: string;
  understood: number;
  of: number;
}

export interface Releases {
  releases: Release[];
  /** Every pair of versions, the working tree last. */
  comparisons: Comparison[];
  matrix: Cell[];
}

/** The name of what has not been released yet. */
export const workingTree = "working tree";

/** By numbers: 0.10.0 comes after 0.9.0. */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

export function loadReleases(root: string): Releases {
  const releases = releaseVersions(root).toSorted(byVersion).map((version) => readRelease(root, version));
  const sides: [string, Side][] = releases.map((
    { version },
  ) => [version, releaseSide(root, version)]);
  sides.push([workingTree, workingSide(root)]);
  return {
    releases,
    comparisons: sides.flatMap(([from, before], index) =>
      sides.slice(index + 1).map(([to, after]) => ({
        from,
        to,
        changes: diffContracts(before, after),
      }))
    ),
    matrix: releases.flatMap(({ version, messages }) =>
      sides.map(([consumer, { contract }]) => {
        const sent = messages.map(({ body, ...message }) => ({
          ...message,
          content: Buffer.from(body),
        }));
        const { understood, of } = validateAgainst(contract, sent);
        return { producer: version, consumer, understood, of };
      })
    ),
  };
}

/** The event as the newest release published it. */
export function goldenOf(
  releases: Release[],
  eventName: string,
): Golden | undefined {
  for (const { version, messages } of releases.toReversed()) {
    const published = messages.filter(({ routingKey }) => routingKey === eventName)
      .toSorted((a, b) => b.body.length - a.body.length)
      .map(({ properties, body }): WireMessage => ({ properties, body: JSON.parse(body) }));
    const [shown] = published;
    if (shown) return { release: version, messages: published, shown };
  }
  return undefined;
}

/** What happened to an event from release to release, the newest first. */
export function historyOf(
  { releases, comparisons }: Releases,
  eventName: string,
): { version: string; text: string }[] {
  const versions = [...releases.map(({ version }) => version), workingTree];
  const steps = versions.slice(1).map((to, index) => {
    const step = comparisons.find((comparison) => comparison.from === versions[index] && comparison.to === to);
    const changes = step?.changes.filter(({ event }) => event === eventName) ??
      [];
    return {
      version: to,
      text: changes.map(({ verdict, what }) => `${verdict}: ${what}`).join("; ") || "unchanged",
    };
  });
  const [first] = versions;
  return [{ version: first as string, text: "first recorded" }, ...steps]
    .toReversed();
}
