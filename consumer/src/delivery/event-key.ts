import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { isIdentifier } from "../telemetry/error-text.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An event's id as it is kept and compared: a UUID is the same in capitals (RFC 9562), and is kept in small letters. */
export function eventKeyOf(id: string): string {
  return uuid.test(id) ? id.toLowerCase() : id;
}

/** The key of an event without an id: its message_id, or the SHA-256 of its body where that is no identifier. */
export function keyWithoutId(content: Buffer, messageId: unknown): string {
  return isIdentifier(messageId) ? eventKeyOf(messageId) : createHash("sha256").update(content).digest("hex");
}
