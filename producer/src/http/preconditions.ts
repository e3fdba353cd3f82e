import { DomainError } from "../domain/domain-error.ts";
import type { Call } from "./serve-operation.ts";
import { RequestError } from "./request-error.ts";

type Versioned = {
  readonly version: number;
  /** Counts what changes an answer and is no new version of the resource. */
  readonly contactRevision?: number;
};

const tag = /(W\/)?"([\x21\x23-\x7e]*)"/g;
const tagList = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;
/** What proxies that compress add to a tag inside of its quotes: mod_deflate, mod_brotli, Jetty, Caddy. */
const codingSuffix = /(?:-{1,2}|;)(?:gzip|deflate|br|zstd)$/;

/** The aggregate's version is its entity tag, with what else changes the answer behind a point. */
export function entityTag(state: Versioned): { ETag: string } {
  return { ETag: `"${tagOf(state)}"` };
}

const tagOf = ({ version, contactRevision = 0 }: Versioned) =>
  contactRevision === 0 ? String(version) : `${version}.${contactRevision}`;

/**
 * RFC 9110, 13.1.1, but for its strong comparison: our tag names a version of the resource, whatever bytes it was sent
 * in, so what a compressing proxy made of it names that version too, and what stands behind its point is none of a
 * writer's business. Without the header everything matches.
 */
export function requireMatch(call: Call, current: Versioned | undefined): void {
  const versions = readVersions(call, "If-Match");
  if (versions === undefined) return;
  if (current && names(versions, current)) return;
  throw new DomainError("version-mismatch", current ? `The version is ${current.version} by now` : "It does not exist");
}

/** For writes that would silently undo somebody else's. */
export function demandPrecondition(call: Call): void {
  if (call.header("If-Match") !== undefined) return;
  throw new RequestError("precondition-required", "Send the ETag that you have read as If-Match");
}

/** `If-None-Match: *` on a write: only where there is nothing yet. */
export function requireAbsence(call: Call, current: Versioned | undefined): void {
  const versions = readVersions(call, "If-None-Match");
  if (versions === undefined || !current || !names(versions, current)) return;
  throw new DomainError("version-mismatch", "It exists already");
}

/** RFC 9110, 13.1.2, on a read. */
export function isUnchanged(call: Call, current: Versioned): boolean {
  const versions = readVersions(call, "If-None-Match");
  return versions !== undefined && (versions === "*" || versions.includes(tagOf(current)));
}

function names(versions: "*" | readonly string[], { version }: Versioned): boolean {
  return versions === "*" || versions.some((tag) => tag.replace(/\.\d+$/, "") === String(version));
}

/** What stands in the quotes of each tag. */
function readVersions(call: Call, name: "If-Match" | "If-None-Match"): "*" | string[] | undefined {
  const value = call.header(name);
  if (value === undefined) return undefined;
  if (value.trim() === "*") return "*";
  if (tagList.test(value)) return [...value.matchAll(tag)].map(([, , text = ""]) => text.replace(codingSuffix, ""));
  const detail = `expected an entity tag such as "3"`;
  throw new RequestError("malformed-request", `${name}: ${detail}`, {
    members: { errors: [{ in: "header", pointer: `#/${name}`, detail }] },
  });
}
