import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileAt, git } from "../deploy/git.ts";
import type { Finding, Problem } from "../finding.ts";
import { project } from "../project.ts";
import type { Change } from "./change.ts";

export const CHANGELOG = project.changelog;

/** The lines of the changelog that a revision does not have; all of them where it has none. */
export function newLines(root: string, revision: string | undefined): string[] {
  if (!existsSync(join(root, CHANGELOG))) return [];
  const known = new Set(revision === undefined ? [] : linesAt(root, revision));
  return readFileSync(join(root, CHANGELOG), "utf8").split("\n").filter((line) =>
    line.trim() !== "" && !known.has(line)
  );
}

function linesAt(root: string, revision: string): string[] {
  const file = `./${CHANGELOG}`;
  return git(root, ["ls-tree", "--name-only", revision, file]) === "" ? [] : fileAt(root, revision, file).split("\n");
}

/** What may mean something else now, and what no new line of the changelog names: words that no machine can judge. */
export function changelogProblems(
  changes: Change[],
  lines: string[],
  locate: (problem: Problem) => Finding,
): Problem[] {
  const places = new Map<string, Change[]>();
  for (const change of changes.filter(({ meaningOf }) => meaningOf !== undefined)) {
    const { file, pointer } = locate({ ...change, reason: "" });
    places.set(`${file}#${pointer}`, [...places.get(`${file}#${pointer}`) ?? [], change]);
  }
  return [...places.values()].flatMap((alike) => {
    const called = [...new Set(alike.map(({ meaningOf = "" }) => meaningOf))];
    const [first] = alike;
    if (first === undefined || lines.some((line) => called.some((name) => names(line, name)))) return [];
    const reason =
      `${first.what}${first.event === undefined ? "" : ` [${first.event}]`}: its meaning may have changed, ` +
      `and no new line of ${CHANGELOG} names ${
        called.join(" or ")
      }: say there what it means now, or that it means the same`;
    return [{ document: first.document, path: first.path, reason }];
  });
}

/** As a word of its own: `doctorId` is not named by `previousDoctorId`. */
function names(line: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(^|[^\\w.])${escaped}($|[^\\w])`).test(line);
}
