import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import * as v from "valibot";
import { described } from "./described.ts";
import { RequestError } from "./request-error.ts";
import type { Schema } from "./operation.ts";

const largestPage = 200;
const usualPage = 50;
const expected = `expected a whole number from 1 to ${largestPage}`;
const limit = described(
  "Max number of items on the page",
  v.pipe(v.number(expected), v.integer(expected), v.minValue(1, expected), v.maxValue(largestPage, expected)),
  10,
);
const cursor = described(
  "The value of `next` on the page before, sent with the same filters",
  v.pipe(v.string(), v.maxLength(1_000)),
  "WyJyYVd4a1ptOXlibTkwIiwiZHItbG92ZWxhY2UiXQ",
);

/** How pages are asked for: as parameters, where a number is a text, and in a body. */
export const paging = {
  query: {
    limit: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,6}$/, expected),
        v.transform(Number),
        limit,
        v.metadata({ type: "integer", minimum: 1, maximum: largestPage, default: usualPage }),
      ),
      String(usualPage),
    ),
    cursor: v.optional(cursor),
  },
  body: { limit: v.optional(limit, usualPage), cursor: v.optional(cursor) },
};

export function page<const Item extends Schema>(ref: string, item: Item) {
  return v.pipe(
    v.strictObject({
      items: described("What the page holds, in order", v.array(item)),
      next: v.optional(described("The cursor of the next page; absent on the last", v.string())),
    }),
    v.metadata({ ref }),
  );
}

/** Where a page ended: the values that the next one begins after. */
export type Position = readonly string[];

/** Opaque to the caller, and good for the same question only. */
export function toCursor(question: object, position: Position): string {
  return Buffer.from(JSON.stringify([digest(question), ...position])).toString("base64url");
}

/** `place` is where the caller sent the cursor. */
export function fromCursor(
  question: object,
  text: string | undefined,
  isPosition: (position: Position) => boolean,
  place: "query" | "body" = "query",
) {
  if (text === undefined) return undefined;
  const [bound, ...position] = decode(text);
  if (bound === digest(question) && isPosition(position)) return position;
  throw invalidCursor(bound === undefined ? "was not issued by this API" : "belongs to other filters", place);
}

function invalidCursor(detail: string, place: "query" | "body"): RequestError {
  return new RequestError("invalid-cursor", `The cursor ${detail}`, {
    members: { errors: [{ in: place, pointer: "#/cursor", detail }] },
  });
}

function decode(text: string): string[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return Array.isArray(value) && value.every((part) => typeof part === "string") ? value : [];
  } catch {
    return [];
  }
}

function digest(question: object): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, 16);
}

/** RFC 8288: the next page under the same address with another cursor. */
export function linkTo(url: URL, next: string | undefined): Record<string, string> {
  if (next === undefined) return {};
  const query = new URLSearchParams(url.search);
  query.set("cursor", next);
  return { Link: `<${url.pathname}?${query}>; rel="next"` };
}
