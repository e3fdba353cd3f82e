import { Buffer } from "node:buffer";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCaldavServer } from "./caldav-server.ts";

const path = "/dr-lovelace/visit.ics";
const first = "BEGIN:VCALENDAR\r\nX-N:1\r\nEND:VCALENDAR\r\n";
const second = "BEGIN:VCALENDAR\r\nX-N:2\r\nEND:VCALENDAR\r\n";

let folder: string;
let server: Awaited<ReturnType<typeof startCaldavServer>>;
const start = () => startCaldavServer({ port: 0, folder, username: "clinic", password: "secret" });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "calendars-"));
  server = await start();
  await request("MKCALENDAR", "/dr-lovelace/");
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function request(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const authorization = `Basic ${Buffer.from("clinic:secret").toString("base64")}`;
  return fetch(server.url + path, { method, headers: { authorization, ...headers }, ...(body && { body }) });
}

const put = (body: string, headers?: Record<string, string>) => request("PUT", path, headers, body);

test("a resource is created once, and changed by who knows its ETag", async () => {
  const created = await put(first, { "if-none-match": "*" });
  expect(created.status).toBe(201);
  expect((await put(second, { "if-none-match": "*" })).status).toBe(412);
  expect((await put(second, { "if-match": '"stale"' })).status).toBe(412);
  expect((await put(second, { "if-match": created.headers.get("etag")! })).status).toBe(204);
  expect(await (await request("GET", path)).text()).toBe(second);
});

test("a deleted resource is gone, and If-Match no longer holds", async () => {
  const etag = (await put(first)).headers.get("etag")!;
  expect((await request("DELETE", path, { "if-match": '"stale"' })).status).toBe(412);
  expect((await request("DELETE", path, { "if-match": etag })).status).toBe(204);
  expect((await request("GET", path)).status).toBe(404);
  expect((await put(second, { "if-match": etag })).status).toBe(412);
});

test("resources outlive the server, ETags included", async () => {
  const etag = (await put(first)).headers.get("etag");
  await server.stop();
  server = await start();
  expect(await (await fetch(`${server.url}/resources`)).json()).toEqual([{ path, etag, data: first }]);
});

test("writing needs the password and an existing collection", async () => {
  expect((await put(first, { authorization: "Basic d3Jvbmc6d3Jvbmc=" })).status).toBe(401);
  expect((await request("PUT", "/nobody/visit.ics", {}, first)).status).toBe(409);
  expect((await put("no calendar")).status).toBe(415);
});

test("a path cannot leave the folder", async () => {
  await request("MKCALENDAR", `/..%2f${basename(folder)}-escaped/`);
  expect(existsSync(`${folder}-escaped`)).toBe(false);
});

test("PROPFIND lists a collection with ETags, REPORT returns what it is asked for", async () => {
  const etag = (await put(first)).headers.get("etag")!;
  const listed = await request("PROPFIND", "/dr-lovelace/", { depth: "1" });
  expect(listed.status).toBe(207);
  expect(await listed.text()).toContain(etag.replaceAll('"', "&#34;"));
  const body = `<c:calendar-multiget xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:">
    <d:href>${path}</d:href></c:calendar-multiget>`;
  expect(await (await request("REPORT", "/dr-lovelace/", {}, body)).text()).toContain("X-N:1");
});

test("a UID stands in a calendar once and never changes under a name, and a calendar is made once, as with Radicale", async () => {
  const visit = (uid: string, folded = false) =>
    `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:${
      folded ? uid.replace("-", "\r\n -") : uid
    }\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
  const refused = async (answer: Promise<Response>) => {
    const { status, text } = await answer.then(async (response) => ({
      status: response.status,
      text: await response.text(),
    }));
    return `${status} ${/<error[^>]*><(?:C:)?([\w-]+)/.exec(text)?.[1]}`;
  };
  expect((await put(visit("visit-1"))).status).toBe(201);
  expect((await put(visit("visit-1"))).status).toBe(204);
  expect(await refused(put(visit("visit-2")))).toBe("409 no-uid-conflict");
  for (const body of [visit("visit-1"), visit("visit-1", true)]) {
    expect(await refused(request("PUT", "/dr-lovelace/other.ics", {}, body))).toBe("409 no-uid-conflict");
  }
  await request("MKCALENDAR", "/dr-hopper/");
  expect((await request("PUT", "/dr-hopper/other.ics", {}, visit("visit-1"))).status).toBe(201);
  expect(await refused(request("MKCALENDAR", "/dr-hopper/"))).toBe("409 resource-must-be-null");
});
