import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { parse } from "yaml";
import type { ReadFile } from "../../src/bundle.ts";
import { CONSUMER_DOCUMENT, PRODUCER_DOCUMENT } from "../../src/contract.ts";
import { workingTree } from "../../src/working-tree.ts";

export const ROOT = join(import.meta.dirname, "../../..");

/**
 * A contract as it once was, with its pacts. What plants errors and expects their places starts from it, so that the
 * real contract may grow without these tests.
 */
export const FIXTURE = join(import.meta.dirname, "../fixtures/contract");

/** A contract of another domain, small, with one of everything that a document may say. */
export const SMALL = join(import.meta.dirname, "../fixtures/small");

// deno-lint-ignore no-explicit-any -- documents are edited freely, as a person with an editor would
export type Document = any;
export type Edit = (producer: Document, consumer: Document) => void;

const parsed = new Map<string, Document>();

/** The documents of a project, the fixture if not told otherwise, with an edit, in memory. */
export function edited(edit: Edit, root = FIXTURE): ReadFile {
  const read = workingTree(root);
  const documents = new Map([PRODUCER_DOCUMENT, CONSUMER_DOCUMENT].map((file): [string, Document] => {
    const path = join(root, file);
    if (!parsed.has(path)) parsed.set(path, parse(read(file)));
    return [file, structuredClone(parsed.get(path))];
  }));
  edit(documents.get(PRODUCER_DOCUMENT), documents.get(CONSUMER_DOCUMENT));
  return (path) => documents.has(path) ? JSON.stringify(documents.get(path)) : read(path);
}

/** A folder with these files, until the test ends. */
export function folderWith(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "contracts-test-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** A folder with the two documents, edited. */
export function projectWith(edit: Edit, root = FIXTURE): string {
  const read = edited(edit, root);
  return folderWith({ [PRODUCER_DOCUMENT]: read(PRODUCER_DOCUMENT), [CONSUMER_DOCUMENT]: read(CONSUMER_DOCUMENT) });
}
