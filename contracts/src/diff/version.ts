import { OPENAPI_DOCUMENT } from "../client-types.ts";
import { CONSUMER_DOCUMENT, PRODUCER_DOCUMENT } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { type Json, type Path, textAt } from "../json.ts";
import { type Change, type Verdict, VERDICTS } from "./change.ts";
import type { Side } from "./readers.ts";

const PATH: Path = ["info", "version"];

/** Each document's version before and after. */
function versionsOf(before: Versioned, after: Versioned): [document: string, old: string, now: string][] {
  const of = (document: Json | undefined) => textAt(document, ...PATH);
  return [
    [PRODUCER_DOCUMENT, of(before.contract.producer), of(after.contract.producer)],
    [CONSUMER_DOCUMENT, of(before.contract.consumer), of(after.contract.consumer)],
    ...(before.api && after.api ? [[OPENAPI_DOCUMENT, of(before.api), of(after.api)] as [string, string, string]] : []),
  ];
}

type Versioned = Pick<Side, "contract" | "api">;

/**
 * Documents whose version does not rise as much as their changes demand, by Semantic Versioning; below 1.0.0 too. Where
 * only words changed, or how something is written, none is demanded: whoever has the older document is not told less.
 */
export function versionProblems(before: Versioned, after: Versioned, changes: Change[]): Problem[] {
  return versionsOf(before, after).flatMap(([document, old, now]) => {
    const demanded = (["MAJOR", "MINOR"] as const).find((verdict) =>
      changes.some((change) => change.document === document && change.verdict === verdict)
    );
    const reason = versionProblem(old, now, demanded);
    return reason === undefined ? [] : [{ document, path: PATH, reason }];
  });
}

/**
 * Documents that do not go with a release and yet have its major version, or an earlier one. Several steps that are
 * MINOR each may add up to a MAJOR one, so each release is asked and not only the one before.
 */
export function releaseProblems(release: string, before: Versioned, after: Versioned, changes: Change[]): Problem[] {
  return versionsOf(before, after).flatMap(([document, old, now]) => {
    const breaks = changes.filter((change) => change.document === document && change.verdict === "MAJOR");
    const [was, is] = [numbers(old)?.[0], numbers(now)?.[0]];
    if (breaks.length === 0 || was === undefined || is === undefined || is > was) return [];
    const example = `${breaks[0]?.what}${breaks.length > 1 ? ` and ${breaks.length - 1} more` : ""}`;
    const reason = `${now} does not go with release ${release}, whose version is ${old}: at least ${was + 1}.0.0 ` +
      `(MAJOR: ${example})`;
    return [{ document, path: PATH, reason }];
  });
}

function versionProblem(old: string, now: string, demanded: Verdict | undefined): string | undefined {
  const [before, after] = [numbers(old), numbers(now)];
  if (before === undefined || after === undefined) return `${old} → ${now} is not MAJOR.MINOR.PATCH`;
  const part = after.findIndex((number, index) => number !== before[index]);
  if (part >= 0 && (after[part] ?? 0) < (before[part] ?? 0)) return `falls from ${old} to ${now}`;
  if (demanded === undefined) return undefined;
  const rises = part >= 0 && part <= VERDICTS.indexOf(demanded);
  return rises ? undefined : `${old} → ${now}, but the changes are ${demanded}: at least ${next(before, demanded)}`;
}

function numbers(version: string): number[] | undefined {
  return /^\d+\.\d+\.\d+$/.test(version) ? version.split(".").map(Number) : undefined;
}

function next(version: number[], demanded: Verdict): string {
  const part = VERDICTS.indexOf(demanded);
  return version.map((number, index) => index < part ? number : index === part ? number + 1 : 0).join(".");
}
