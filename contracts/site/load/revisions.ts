import { git } from "../../src/deploy/git.ts";

/** A commit with the versions (git tree hashes) of both services in it. */
export interface Revision {
  commit: string;
  /** `2026-11-23`. */
  date: string;
  subject: string;
  producer: string;
  consumer: string;
}

/** A pair of versions, of a verification or of a release. */
export type Versions = Pick<Revision, "producer" | "consumer">;

const hash = /^[0-9a-f]{40,64}$/;

/** The history of HEAD, the newest first, as far as it has both services. */
export function loadRevisions(root: string): Revision[] {
  const commits = git(root, ["log", "--date-order", "--format=%H%x09%cs%x09%s"]).split("\n").map((line) => {
    const [commit = "", date = "", ...subject] = line.split("\t");
    return { commit, date, subject: subject.join("\t") };
  });
  const folders = commits.flatMap(({ commit }) => [`${commit}:producer\n`, `${commit}:consumer\n`]);
  const trees = git(root, ["cat-file", "--batch-check=%(objectname)"], folders.join("")).split("\n");
  return commits.flatMap((commit, index) => {
    const [producer = "", consumer = ""] = trees.slice(2 * index, 2 * index + 2);
    return hash.test(producer) && hash.test(consumer) ? [{ ...commit, producer, consumer }] : [];
  });
}

/** Where a pair is in the history: the newest commit that holds both, else the newest that holds one of them. */
export function revisionOf(revisions: Revision[], pair: Versions): Revision | undefined {
  return revisions.find(({ producer, consumer }) => producer === pair.producer && consumer === pair.consumer) ??
    revisions.find(({ producer, consumer }) => producer === pair.producer || consumer === pair.consumer);
}

/** The newest pair first; a pair that is committed together comes before one that only shares a commit's version. */
export function newestFirst<Pair extends Versions>(revisions: Revision[], pairs: Pair[]): Pair[] {
  const age = (pair: Pair) => {
    const found = revisionOf(revisions, pair);
    if (!found) return Infinity;
    const together = found.producer === pair.producer && found.consumer === pair.consumer;
    return 2 * revisions.indexOf(found) + (together ? 0 : 1);
  };
  const aged = pairs.map((pair) => ({ pair, age: age(pair) }));
  return aged.toSorted((a, b) => a.age === b.age ? 0 : a.age - b.age).map(({ pair }) => pair);
}
