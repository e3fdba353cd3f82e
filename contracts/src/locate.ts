import { createSources, type ReadFile, splitReference } from "./bundle.ts";
import { PRODUCER_DOCUMENT } from "./contract.ts";
import type { Finding, Problem } from "./finding.ts";
import { at, isObject, type Json, type Path, pointer } from "./json.ts";

interface Place {
  file: string;
  path: Path;
}

/**
 * Traces a place of an effective document to the file that says it: through every `$ref` on the way, and into the
 * trait that contributed a field. Where the place itself does not exist, its nearest parent is meant.
 */
export function createLocator(read: ReadFile): (problem: Problem) => Finding {
  const source = createSources(read);

  return ({ document, path, reason, level = "error" }) => {
    let place: Place = { file: isCopied(document, path) ? PRODUCER_DOCUMENT : document, path: [] };
    for (const key of path) {
      const next = step(place, key);
      if (next === undefined) break;
      place = next;
    }
    return { level, file: place.file, pointer: pointer(place.path), reason };
  };

  /** A component of the effective document that the consumer's file does not have comes from the producer's. */
  function isCopied(document: string, path: Path): boolean {
    return path[0] === "components" && at(source(document), ...path.slice(0, 3)) === undefined;
  }

  function step(place: Place, key: string | number): Place | undefined {
    const here = follow(place);
    const value = at(source(here.file), ...here.path);
    const direct = at(value, key) === undefined ? undefined : { file: here.file, path: [...here.path, key] };
    return direct ?? stepIntoTrait(here, value, key);
  }

  function stepIntoTrait(here: Place, value: Json | undefined, key: string | number): Place | undefined {
    if (!isObject(value) || !Array.isArray(value.traits)) return undefined;
    return value.traits.map((_, index) => step({ file: here.file, path: [...here.path, "traits", index] }, key))
      .findLast((found) => found !== undefined);
  }

  function follow(place: Place): Place {
    const value = at(source(place.file), ...place.path);
    if (!isObject(value) || typeof value.$ref !== "string") return place;
    return follow(splitReference(value.$ref, place.file));
  }
}
