import { createHash } from "node:crypto";
import type { Idempotency } from "../postgres/idempotency-store.ts";
import { malformed } from "./request-error.ts";

const longest = 255;

/** Reads the Idempotency-Key of a write (draft-ietf-httpapi-idempotency-key-header); quotes around it are optional. */
export function readIdempotency(
  header: string | undefined,
  caller: string,
  request: { method: string; path: string; body: unknown },
): Idempotency | undefined {
  if (header === undefined) return undefined;
  const key = header.replace(/^"(.*)"$/, "$1");
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > longest) {
    const detail = `expected 1 to ${longest} visible ASCII characters`;
    throw malformed(`Idempotency-Key: ${detail}`, [{ in: "header", pointer: "#/Idempotency-Key", detail }]);
  }
  const { method, path, body } = request;
  const fingerprint = createHash("sha256").update(`${method} ${path}\n${canonical(body)}`).digest("hex");
  return { caller, key, fingerprint };
}

/** The same text for the same JSON, in whatever order its members came. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, member: unknown) =>
      typeof member === "object" && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
  ) ?? "";
}
