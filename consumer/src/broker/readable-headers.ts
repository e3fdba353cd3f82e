import { Buffer } from "node:buffer";
import { header } from "./headers.ts";

/** Deeper tables are left out: amqplib (2.3.1) decodes by recursion, and some thousand levels overflow its stack. */
const maxDepth = 64;
const fixedSizes: Readonly<Record<string, number>> = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  f: 4,
  D: 5,
  l: 8,
  d: 8,
  T: 8,
  V: 0,
};

const frameHeaderBytes = 7;
const contentHeader = 2;
const flag = { contentType: 0x8000, contentEncoding: 0x4000, headers: 0x2000 } as const;

/** Where the value whose tag stands at `at` ends; undefined where amqplib would not know. */
function endOfValue(bytes: Buffer, at: number): number | undefined {
  const tag = String.fromCharCode(bytes[at] ?? 0);
  const fixed = fixedSizes[tag];
  const isSized = "SxFA".includes(tag) && at + 5 <= bytes.length;
  const end = fixed !== undefined ? at + 1 + fixed : isSized ? at + 5 + bytes.readUInt32BE(at + 1) : Infinity;
  return end <= bytes.length ? end : undefined;
}

function isReadable(value: Buffer, depth: number): boolean {
  const tag = String.fromCharCode(value[0]!);
  if (tag !== "F" && tag !== "A") return true;
  if (depth === maxDepth) return false;
  const inner = value.subarray(5);
  for (let at = 0; at < inner.length;) {
    const start = tag === "F" ? at + 1 + inner[at]! : at;
    const end = endOfValue(inner, start);
    if (end === undefined || !isReadable(inner.subarray(start, end), depth + 1)) return false;
    at = end;
  }
  return true;
}

const mark = Buffer.concat([
  Buffer.from([Buffer.byteLength(header.unreadable)]),
  Buffer.from(header.unreadable),
  Buffer.from("t\x01", "latin1"),
]);

/** The table without the fields that amqplib could not decode, and a mark for them; undefined when it can decode all. */
function readableTable(table: Buffer): Buffer | undefined {
  const kept: Buffer[] = [];
  let isWhole = true;
  for (let at = 0; at < table.length;) {
    const start = at + 1 + table[at]!;
    const end = endOfValue(table, start);
    if (end === undefined || !isReadable(table.subarray(start, end), 1)) isWhole = false;
    else kept.push(table.subarray(at, end));
    // Nothing tells where the field after one of an unknown type begins.
    at = end ?? table.length;
  }
  return isWhole ? undefined : Buffer.concat([...kept, mark]);
}

function sized(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

/** The bytes that were received; when a whole content header comes first, with nothing in it that cannot be decoded. */
export function withReadableHeaders(bytes: Buffer): Buffer {
  if (bytes.length <= frameHeaderBytes || bytes[0] !== contentHeader) return bytes;
  const size = bytes.readUInt32BE(3);
  if (bytes.length <= frameHeaderBytes + size) return bytes;
  const payload = bytes.subarray(frameHeaderBytes, frameHeaderBytes + size);
  const flags = payload.readUInt16BE(12);
  if (!(flags & flag.headers)) return bytes;
  let at = 14;
  for (const text of [flag.contentType, flag.contentEncoding]) if (flags & text) at += 1 + payload[at]!;
  const end = at + 4 + payload.readUInt32BE(at);
  const table = readableTable(payload.subarray(at + 4, end));
  if (!table) return bytes;
  const readable = Buffer.concat([payload.subarray(0, at), sized(table), payload.subarray(end)]);
  return Buffer.concat([bytes.subarray(0, 3), sized(readable), bytes.subarray(frameHeaderBytes + size)]);
}

interface Receiver {
  /** What has come and is not decoded yet. */
  rest: Buffer;
  recvFrame(): unknown;
}

/** Keeps a message whose headers cannot be decoded from taking its connection down, and with it every job. */
export function guardHeaders(connection: object): void {
  const receiver = connection as Receiver;
  const { recvFrame, rest } = receiver;
  if (typeof recvFrame !== "function" || !Buffer.isBuffer(rest)) throw new Error("This amqplib receives otherwise");
  receiver.recvFrame = () => {
    receiver.rest = withReadableHeaders(receiver.rest);
    return recvFrame.call(receiver);
  };
}
