export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Both as lines of JSON; a text that is none as it stands. */
export function prettyLines(text: string): string[] {
  try {
    return JSON.stringify(JSON.parse(text), null, 2).split("\n");
  } catch {
    return text.split("\n");
  }
}

/** More lines than a person reads are shown as removed and added. */
const maxCells = 4_000_000;

/** The shortest edit from one to the other (longest common subsequence). */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const line = (kind: DiffLine["kind"]) => (text: string): DiffLine => ({ kind, text });
  if (before.length * after.length > maxCells) return [...before.map(line("removed")), ...after.map(line("added"))];
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i]![j] = before[i] === after[j]
        ? common[i + 1]![j + 1]! + 1
        : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ kind: "same", text: before[i++]! });
      j += 1;
    } else if (common[i + 1]![j]! >= common[i]![j + 1]!) lines.push({ kind: "removed", text: before[i++]! });
    else lines.push({ kind: "added", text: after[j++]! });
  }
  return [...lines, ...before.slice(i).map(line("removed")), ...after.slice(j).map(line("added"))];
}
