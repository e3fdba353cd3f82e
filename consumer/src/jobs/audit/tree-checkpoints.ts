import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDurably, replaceDurably } from "./durable-file.ts";
import type { TreeHead } from "./merkle.ts";
import type { NoteSigner, NoteVerifier } from "./signed-note.ts";
import { readTreeCheckpoint, writeTreeCheckpoint } from "./tree-checkpoint.ts";

/** The one of the last batch, the one that the witness has cosigned last, and those that are kept beside them. */
const latestName = "latest.checkpoint";
export const cosignedName = "cosigned.checkpoint";
const keptName = /^tree-\d+\.checkpoint$/;

export interface TreeCheckpoints {
  /** By rising size, each once. */
  heads: TreeHead[];
  /** Of the last batch. */
  latest: TreeHead | undefined;
  /** The files that none of the keys has signed. */
  invalid: string[];
}

/** Takes the place of the last batch's. It vouches for all that came before it, if that is the tree's beginning. */
export async function publishTreeCheckpoint(folder: string, head: TreeHead, signer: NoteSigner): Promise<string> {
  const note = writeTreeCheckpoint(head, signer);
  await replaceDurably(join(folder, latestName), note);
  return note;
}

/** Keeps one for ever, so that of a tree that was rewritten it can be said between which sizes that was. */
export async function keepTreeCheckpoint(folder: string, { size }: TreeHead, note: string): Promise<void> {
  await createDurably(join(folder, `tree-${String(size).padStart(12, "0")}.checkpoint`), note);
}

/** Throws where there is one that none of the keys has signed. */
export async function readLatest(folder: string, verifiers: readonly NoteVerifier[]): Promise<TreeHead | undefined> {
  const note = await readOrNothing(join(folder, latestName));
  if (note === undefined) return undefined;
  const head = readTreeCheckpoint(note, verifiers);
  if (!head) throw new Error(`${latestName} is not signed by this key`);
  return head;
}

export async function readTreeCheckpoints(
  folder: string,
  verifiers: readonly NoteVerifier[],
): Promise<TreeCheckpoints> {
  const bySize = new Map<number, TreeHead>();
  const invalid: string[] = [];
  let latest: TreeHead | undefined;
  // The latest first: one that is kept later says nothing new.
  for (const name of [latestName, cosignedName, ...await keptNames(folder)]) {
    const note = await readOrNothing(join(folder, name));
    if (note === undefined) continue;
    const head = readTreeCheckpoint(note, verifiers);
    if (!head || bySize.get(head.size)?.root.equals(head.root) === false) invalid.push(name);
    else bySize.set(head.size, head);
    if (name === latestName) latest = head;
  }
  return { heads: [...bySize.values()].sort((a, b) => a.size - b.size), latest, invalid };
}

async function keptNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => keptName.test(name)).sort();
  } catch (error) {
    // The first checkpoint makes the folder.
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
}

export async function readOrNothing(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The signed text of the last batch's. */
export async function readLatestNote(folder: string): Promise<string | undefined> {
  return await readOrNothing(join(folder, latestName));
}
