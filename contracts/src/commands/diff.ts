import type { Command } from "../command.ts";
import { baseSide, releaseSide, revisionOf, workingSide } from "../diff/base.ts";
import type { Change } from "../diff/change.ts";
import { CHANGELOG, changelogProblems, newLines } from "../diff/changelog.ts";
import { requireHistory } from "../diff/declared.ts";
import { diffContracts } from "../diff/diff.ts";
import type { Side } from "../diff/readers.ts";
import { releaseProblems, versionProblems } from "../diff/version.ts";
import { jobs } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { createLocator } from "../locate.ts";
import { countVerdicts, describeChange, renderDiffMarkdown } from "../render/diff.ts";
import { releaseVersions } from "../release/release.ts";
import { workingTree } from "../working-tree.ts";

const CHECK = "check-version";

export const diff: Command = {
  summary: "Compares the contract of a git revision or a release with the working tree",
  usage: {
    positionals: ["BASE"],
    flags: { [CHECK]: "fail when a document's version does not rise as much as its changes demand" },
    markdown: true,
  },
  help:
    `BASE is a release under contracts/releases/ or a git revision. Both sides count: what the new producer sends must
suit the old consumer, and what the old producer left in the queues must suit the new one; the same with every release.
  MAJOR  a message or a declaration of one side does not go with the other side
  MINOR  an addition that everybody can ignore
  PATCH  words, or the same said in another way; no version is asked for
What no rule says to be less is MAJOR.
Fails on a MAJOR change, and on one against an earlier release, unless the document is of a later major version than
that release. With --${CHECK} a MAJOR change passes if its document's version says so: it has to be a later major
version than that of BASE, too.
Where a description, a default or a unit changed, a person has to say what it means: it fails until a new line of
${CHANGELOG} names the field.`,
  // deno-lint-ignore require-await -- a command answers with a promise
  async run({ root, positionals: [base = ""], flags }) {
    const after = workingSide(root);
    const before = baseSide(root, base);
    requireHistory(root, releaseVersions(root));
    const names = jobNames(before, after);
    const changes = diffContracts(before, after);
    const releases = releaseVersions(root).filter((version) => version !== base).map((version) => {
      const side = releaseSide(root, version);
      return { version, side, changes: diffContracts(side, after) };
    });
    const earlier = releases.map(({ version, side, changes: since }) => ({
      changes: onlyAgainst(version, since, changes),
      problems: releaseProblems(version, side, after, since),
    }));
    const versions = flags.has(CHECK)
      ? [
        ...versionProblems(before, after, changes),
        ...earlier.flatMap(({ problems }) => problems),
      ]
      : [];

    const locate = createLocator(workingTree(root));
    const level = (change: Change) => change.verdict === "MAJOR" && !flags.has(CHECK) ? "error" : "note";
    const findings = [
      ...changes.map((change) => asProblem(change, names, level(change))),
      ...versions,
      ...changelogProblems(changes, newLines(root, revisionOf(root, base)), locate),
      // A later major version says already what the release does not go with.
      ...earlier.flatMap(({ changes, problems }) =>
        changes.map((change) => asProblem(change, names, problems.length > 0 ? level(change) : "note"))
      ),
    ];
    const all = [...changes, ...earlier.flatMap(({ changes }) => changes)];
    return {
      findings: findings.map(locate),
      details: { base, changes: all },
      summary: `${countVerdicts(all)} since ${base}`,
      markdown: renderDiffMarkdown(base, all, names, versions.map(({ document, reason }) => `${document}: ${reason}`)),
    };
  },
};

function jobNames(...sides: Side[]): string[] {
  return [...new Set(sides.flatMap(({ contract }) => jobs(contract).map(({ name }) => name)))];
}

/** Full compatibility is transitive: what an older release still has in queues and archives counts as well. */
function onlyAgainst(version: string, changes: Change[], known: Change[]): Change[] {
  const isKnown = (change: Change) => known.some(({ what, event }) => what === change.what && event === change.event);
  return changes.filter((change) => change.verdict === "MAJOR" && !isKnown(change))
    .map((change) => ({ ...change, what: `against release ${version}: ${change.what}` }));
}

function asProblem(change: Change, names: string[], level: "error" | "note"): Problem {
  const { document, path, verdict } = change;
  return { document, path, level, reason: `${verdict} ${describeChange(change, names)}` };
}
