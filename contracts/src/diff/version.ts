import type { Path } from "../json.ts";
import { CONSUMER_DOCUMENT, type Contract, PRODUCER_DOCUMENT } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { textAt } from "../json.ts";
import { type Change, type Verdict, VERDICTS } from "./change.ts";

const PATH: Path = ["info", "version"];

const DOCUMENTS = [[PRODUCER_DOCUMENT, "producer"], [CONSUMER_DOCUMENT, "consumer"]] as const;

/**
 * Documents whose version does not rise as much as their changes demand, by Semantic Versioning; below 1.0.0 too. Where
 * only words changed, or how something is written, none is demanded: whoever has the older document is not told less.
 */
export function versionProblems(before: Contract, after: Contract, changes: Change[]): Problem[] {
  return DOCUMENTS.flatMap(([document, side]) => {
    const [old, now] = [textAt(before[side], ...PATH), textAt(after[side], ...PATH)];
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
export function releaseProblems(release: string, before: Contract, after: Contract, changes: Change[]): Problem[] {
  return DOCUMENTS.flatMap(([document, side]) => {
    const breaks = changes.filter((change) => change.document === document && change.verdict === "MAJOR");
    const [old, now] = [textAt(before[side], ...PATH), textAt(after[side], ...PATH)];
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
