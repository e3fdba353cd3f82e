import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { withReadableHeaders } from "./readable-headers.ts";

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const sized = (bytes: Buffer) => Buffer.concat([uint32(bytes.length), bytes]);
const field = (name: string, value: Buffer) => Buffer.concat([Buffer.from([name.length]), Buffer.from(name), value]);
const text = (value: string) => Buffer.concat([Buffer.from("S"), sized(Buffer.from(value))]);
const mark = field("x-headers-unreadable", Buffer.from("t\x01"));

function nested(tag: "F" | "A", levels: number): Buffer {
  let value = text("end");
  for (let level = 0; level < levels; level++) {
    value = Buffer.concat([Buffer.from(tag), sized(tag === "F" ? field("a", value) : value)]);
  }
  return value;
}

/** A content header with a content type, a table of headers, and a message id after it. */
function frame(...fields: Buffer[]): Buffer {
  const payload = Buffer.concat([
    Buffer.from([0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0xa0, 0x80]),
    Buffer.from("\x10application/json", "latin1"),
    sized(Buffer.concat(fields)),
    Buffer.from("\x02id"),
  ]);
  return Buffer.concat([Buffer.from([2, 0, 1]), sized(payload), Buffer.from([0xce])]);
}

const [before, after] = [field("before", text("1")), field("after", text("2"))];
const next = Buffer.from([3, 0, 1, 0, 0, 0, 2, 0x7b, 0x7d, 0xce]);

test.each(["F", "A"] as const)("what is nested by %s is left as it is up to 64 levels, and left out beyond", (tag) => {
  const flat = Buffer.concat([frame(before, field("x", nested(tag, 63)), after), next]);
  expect(withReadableHeaders(flat)).toBe(flat);
  for (const levels of [64, 4_000]) {
    const deep = Buffer.concat([frame(before, field("x", nested(tag, levels)), after), next]);
    expect(withReadableHeaders(deep).equals(Buffer.concat([frame(before, after, mark), next]))).toBe(true);
  }
});

test.each([
  ["of a type that nobody knows", Buffer.from("?1234")],
  ["that is longer than its table", Buffer.from("S\x7f\xff\xff\xffabc", "latin1")],
  ["that ends before it begins", Buffer.alloc(0)],
])("a header %s ends what can be read", (_, value) => {
  const received = frame(before, field("x", value));
  expect(withReadableHeaders(received).equals(frame(before, mark))).toBe(true);
});

test("an unknown type within a table takes that table only", () => {
  const table = Buffer.concat([Buffer.from("F"), sized(field("a", Buffer.from("?")))]);
  expect(withReadableHeaders(frame(before, field("x", table), after)).equals(frame(before, after, mark))).toBe(true);
});

test("other frames, and those that have not come as a whole, are left alone", () => {
  const deep = frame(field("x", nested("F", 100)));
  for (const bytes of [next, deep.subarray(0, -1), deep.subarray(0, 5), Buffer.alloc(0)]) {
    expect(withReadableHeaders(bytes)).toBe(bytes);
  }
});
