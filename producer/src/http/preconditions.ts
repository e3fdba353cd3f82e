import { DomainError } from "../domain/domain-error.ts";
import type { Call } from "./serve-operation.ts";
import { RequestError } from "./request-error.ts";

type Versioned = { readonly version: number };

const tagList = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;

/** The aggregate's version is its entity tag. */
export function entityTag(state: Versioned): { ETag: string } {
  return { ETag: `"${state.version}"` };
}

/** RFC 9110, 13.1.1: strong comparison. Without the header everything matches. */
export function requireMatch(call: Call, current: Versioned | undefined): void {
  const tags = readTags(call, "If-Match");
  if (tags === undefined) return;
  if (current && (tags === "*" || tags.includes(entityTag(current).ETag))) return;
  throw new DomainError("version-mismatch", current ? `The version is ${current.version} by now` : "It does not exist");
}

/** For writes that would silently undo somebody else's. */
export function demandPrecondition(call: Call): void {
  if (call.header("If-Match") !== undefined) return;
  throw new RequestError("precondition-required", "Send the ETag that you have read as If-Match");
}

/** `If-None-Match: *` on a write: only where there is nothing yet. */
export function requireAbsence(call: Call, current: Versioned | undefined): void {
  const tags = readTags(call, "If-None-Match");
  if (tags === undefined || !current) return;
  if (tags !== "*" && !tags.includes(entityTag(current).ETag)) return;
  throw new DomainError("version-mismatch", "It exists already");
}

/** RFC 9110, 13.1.2, on a read: weak comparison. */
export function isUnchanged(call: Call, current: Versioned): boolean {
  const tags = readTags(call, "If-None-Match");
  if (tags === undefined) return false;
  return tags === "*" || tags.map((tag) => tag.replace(/^W\//, "")).includes(entityTag(current).ETag);
}

function readTags(call: Call, name: "If-Match" | "If-None-Match"): "*" | string[] | undefined {
  const value = call.header(name);
  if (value === undefined) return undefined;
  if (value.trim() === "*") return "*";
  if (tagList.test(value)) return value.split(",").map((tag) => tag.trim());
  const detail = `expected an entity tag such as "3"`;
  throw new RequestError("malformed-request", `${name}: ${detail}`, {
    members: { errors: [{ in: "header", pointer: `#/${name}`, detail }] },
  });
}
