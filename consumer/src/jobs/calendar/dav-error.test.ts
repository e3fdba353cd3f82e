import { expect, it } from "vitest";
import { preconditionsOf } from "./dav-error.ts";

it.each<[string, string, string[]]>([
  [
    "Radicale's",
    `<?xml version='1.0' encoding='utf-8'?>\n<error xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><C:no-uid-conflict /></error>`,
    ["no-uid-conflict"],
  ],
  [
    "one that names the resource",
    `<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><!-- <x/> --><C:no-uid-conflict><D:href>/a/b.ics</D:href></C:no-uid-conflict></D:error>`,
    ["no-uid-conflict"],
  ],
  [
    "one with several",
    `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">\n  <s:exception>Forbidden</s:exception>\n  <s:message>a &lt;b&gt; c</s:message>\n  <d:need-privileges><d:resource/></d:need-privileges>\n</d:error>`,
    ["exception", "message", "need-privileges"],
  ],
  ["one that says nothing", `<error xmlns="DAV:"/>`, []],
  ["a page", "<html><body><h1>409 Conflict</h1></body></html>", []],
  ["a text", "Conflict: a < b", []],
  ["nothing", "", []],
])("%s", (_, body, expected) => {
  expect(preconditionsOf(body)).toEqual(expected);
});
