import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { type Json, pointerPath } from "../json.ts";

/** A change of one file: of a document by JSON pointer, of any text, or of what is between two places. */
export type Edit =
  | { file: string; pointer: string; value: Json | undefined }
  | { file: string; find: string; put: string }
  | { file: string; start: number; end: number; put: string };

/** Sets a value of a YAML or JSON document. */
export function set(file: string, pointer: string, value: Json): Edit {
  return { file, pointer, value };
}

export function remove(file: string, pointer: string): Edit {
  return { file, pointer, value: undefined };
}

/** Replaces a text that occurs once. */
export function replace(file: string, find: string, put: string): Edit {
  return { file, find, put };
}

/** Throws when the edit changes nothing, or does not know what: the table has to follow the code. */
export function applyEdit(root: string, edit: Edit): void {
  const path = join(root, edit.file);
  const before = readFileSync(path, "utf8");
  const after = "find" in edit
    ? replaced(before, edit)
    : "start" in edit
    ? before.slice(0, edit.start) + edit.put + before.slice(edit.end)
    : withValue(before, edit.pointer, edit.value);
  if (after === before) throw new Error(`an edit leaves ${edit.file} as it is: ${JSON.stringify(edit)}`);
  writeFileSync(path, after);
}

function replaced(text: string, { file, find, put }: { file: string; find: string; put: string }): string {
  const times = text.split(find).length - 1;
  if (times !== 1) throw new Error(`${file} has ${times} times what an edit looks for: ${find}`);
  return text.replace(find, () => put);
}

function withValue(text: string, pointer: string, value: Json | undefined): string {
  const document = parseDocument(text);
  const path = pointerPath(pointer).map((key) => /^\d+$/.test(key) ? Number(key) : key);
  if (value === undefined) {
    if (!document.deleteIn(path)) throw new Error(`there is nothing at ${pointer}`);
  } else {
    document.setIn(path, value);
  }
  return text.startsWith("{") ? JSON.stringify(document.toJSON(), null, 2) : document.toString({ lineWidth: 0 });
}
