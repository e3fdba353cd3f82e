import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { apiKey } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost, type PrivateVhost } from "./private-vhost.ts";
import { type ProducerProcess, startProducer } from "./producer-process.ts";

let database: PrivateDatabase;
let vhost: PrivateVhost;
let producer: ProducerProcess;

beforeAll(async () => {
  [database, vhost] = await Promise.all([createPrivateDatabase(), createPrivateVhost()]);
  producer = await startProducer(database.url, vhost.url);
});
afterAll(async () => {
  await producer.kill("SIGKILL");
  await Promise.all([database.drop(), vhost.drop()]);
});

/** Sends these bytes, ends its side, and reads until the server has ended the other. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(producer.port, "127.0.0.1");
  let answer = "";
  // A server that refuses may close before everything was sent.
  socket.on("error", () => {});
  socket.on("data", (chunk) => answer += chunk.toString("latin1"));
  socket.end(Buffer.from(bytes, "latin1"));
  await once(socket, "close", { signal: AbortSignal.timeout(10_000) });
  return answer;
}

const request = (target: string, host: string) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

test.each([
  ["a backslash in the path", request("/v1\\appointments", "localhost")],
  ["a Host with a space", request("/livez", "a b")],
  ["a Host with a path", request("/livez", "a/b")],
  ["an open bracket as Host", request("/livez", "[")],
  ["a target that is no address", request("http://[", "localhost")],
  ["an asterisk as target", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
])("%s is a problem with an X-Request-Id, like anything that is not understood", async (_, bytes) => {
  const [head = "", body = ""] = (await exchange(bytes)).split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1\.1 400 /);
  expect(head).toMatch(/^content-type: application\/problem\+json\r?$/im);
  expect(head).toMatch(/^x-content-type-options: nosniff\r?$/im);
  const id = /^x-request-id: (.*?)\r?$/im.exec(head)?.[1];
  expect(JSON.parse(body)).toMatchObject({ type: "/problems/malformed-request", status: 400 });
  await eventually(() =>
    expect(producer.logs()).toContainEqual(expect.objectContaining({ correlationId: id, status: 400 }))
  );
});

test.each([
  [
    "of 70,000 bytes in chunks",
    "Transfer-Encoding: chunked",
    `${(70_000).toString(16)}\r\n${"x".repeat(70_000)}\r\n0\r\n\r\n`,
    413,
  ],
  ["of 70,000 bytes that says its length", "Content-Length: 70000", "x".repeat(70_000), 413],
  ["in chunks of which the last never comes", "Transfer-Encoding: chunked", '2\r\n{"', 400],
])("a body %s is the caller's fault, and logged as such", async (_, length, body, status) => {
  const head = `POST /v1/appointments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: ${apiKey}\r\n` +
    `X-Request-Id: body-${status}-${body.length}\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
  await exchange(head + body);
  await eventually(() =>
    expect(producer.logs()).toContainEqual(
      expect.objectContaining({ correlationId: `body-${status}-${body.length}`, status, level: "info" }),
    )
  );
});

const junk = fc.array(fc.integer({ min: 1, max: 0xff }), { maxLength: 30 }).map((codes) =>
  String.fromCharCode(...codes)
);
const mostly = (...usual: string[]) =>
  fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: junk });
const json = "Content-Type: application/json";
const raw = fc.record({
  asked: mostly(
    "GET /livez",
    "GET /nothing",
    "POST /v1/appointments",
    "POST /v1/appointments",
    "PUT /v1/doctors/dr-a",
    "PATCH /v1/appointments/0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
    "POST /v1/appointments/0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11/cancel",
    "DELETE /v1/doctors/dr-a",
    "HEAD /v1/doctors/%",
    "TRACE //",
    "OPTIONS *",
    "CONNECT localhost:80",
    "get /livez",
    "GET /..\\..",
    "GET http://other.example/livez",
    "GET /docs/..%2f..%2fpackage.json",
  ),
  version: mostly("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0"),
  host: mostly("localhost", "localhost", "localhost", "[::1]:80", "a b", "", "\xe9.example", "a/b?c#d@e"),
  headers: fc.subarray([
    "If-Match: *",
    "Content-Type: application/json; charset=\xff",
    "Content-Encoding: gzip",
    "Expect: 100-continue",
    "Expect: the-unexpected",
    "Upgrade: websocket\r\nConnection: Upgrade",
    `X-API-Key: ${apiKey}`,
    `X-Long: ${"x".repeat(20_000)}`,
    ": nameless",
  ], { maxLength: 1 }),
  // The last lines of the head, which say how the body ends, and the body, which may end otherwise.
  rest: mostly(
    "\r\n",
    `${json}\r\nContent-Length: 2\r\n\r\n{}`,
    "Content-Length: 2\r\n\r\n{}",
    `${json}\r\nContent-Length: 100\r\n\r\n{"a":`,
    `${json}\r\nContent-Length: -1\r\n\r\n{}`,
    `${json}\r\nContent-Length: 2, 2\r\n\r\n{}`,
    `${json}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    `${json}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n`,
    `${json}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{`,
    `${json}\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    `${json}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n{}`,
  ),
}).map(({ asked, version, host, headers, rest }) =>
  [`${asked} ${version}`, `Host: ${host}`, "Connection: close", `X-API-Key: ${apiKey}`, ...headers, rest]
    .join("\r\n")
);

test("of 500 raw requests none is answered with 5xx or left without an end, and the server goes on", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(raw, { minLength: 10, maxLength: 10 }), async (requests) => {
      for (const answer of await Promise.all(requests.map(exchange))) {
        for (const [, status = ""] of answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)) seen.add(status);
      }
      expect([...seen].filter((status) => status >= "500")).toEqual([]);
      expect((await producer.send("GET", "/livez")).status).toBe(200);
    }),
    { numRuns: 50, endOnFailure: true },
  );
  expect([...seen]).toEqual(expect.arrayContaining(["200", "400", "404", "405"]));
  // Nor is one counted as such, or logged, where the caller went away before the answer.
  expect(producer.logs().filter(({ status, level }) => Number(status) >= 500 || level === "error")).toEqual([]);
}, 120_000);
