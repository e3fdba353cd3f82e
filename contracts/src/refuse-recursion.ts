import { DocumentError } from "./finding.ts";
import { at, isObject, type Json, type JsonObject, type Path, pointerPath } from "./json.ts";

/**
 * Throws where a document's reference leads back to where it stands, with the place of that reference. Messages of this
 * system have an end, and the code that is generated from their schemas has one too.
 */
export function refuseRecursion(document: JsonObject, file: string): void {
  const finished = new Set<string>();

  function visit(value: Json | undefined, path: Path, open: readonly string[]): void {
    if (Array.isArray(value)) return value.forEach((item, index) => visit(item, [...path, index], open));
    if (!isObject(value)) return;
    const reference = value.$ref;
    if (typeof reference !== "string") {
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key], open);
      return;
    }
    const target = pointerPath(reference);
    const name = JSON.stringify(target);
    const around = path.slice(0, target.length);
    if (open.includes(name) || JSON.stringify(around.map(String)) === name) {
      throw new DocumentError(file, path, `refers to ${reference}, which it is a part of: a schema can't hold itself`);
    }
    if (finished.has(name)) return;
    visit(at(document, ...target), target, [...open, name]);
    finished.add(name);
  }

  visit(document, [], []);
}
