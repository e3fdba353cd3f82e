import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startSmsGateway } from "./sms-gateway.ts";

let folder: string;
let gateway: Awaited<ReturnType<typeof startSmsGateway>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sms-"));
  gateway = await startSmsGateway({ port: 0, file: join(folder, "sms.jsonl"), accountSid: "AC1", authToken: "token" });
});
afterEach(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

async function send(form: Record<string, string>, credentials = "AC1:token") {
  const response = await fetch(`${gateway.url}/2010-04-01/Accounts/AC1/Messages.json`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: await response.json() as Record<string, unknown> };
}

test("an accepted text message gets a sid and is listed", async () => {
  const { status, body } = await send({ To: "+4930123456", From: "+4930999999", Body: "at ten" });
  expect(status).toBe(201);
  expect(body).toMatchObject({ sid: expect.stringMatching(/^SM[0-9a-f]{32}$/), status: "queued" });
  const listed = await (await fetch(`${gateway.url}/messages`)).json();
  expect(listed).toMatchObject([{ sid: body.sid, to: "+4930123456", body: "at ten" }]);
});

test("an invalid number is refused as Twilio refuses it, and not listed", async () => {
  const { status, body } = await send({ To: "030/123", From: "+4930999999", Body: "at ten" });
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 21211, status: 400 });
  expect(gateway.messages()).toEqual([]);
});

test("a wrong token is refused", async () => {
  expect((await send({ To: "+4930123456", From: "+4930999999", Body: "x" }, "AC1:wrong")).status).toBe(401);
});

test("what it took is listed by number as Twilio lists it, the newest first", async () => {
  for (const Body of ["first", "second"]) await send({ To: "+4930123456", From: "+4930999999", Body });
  await send({ To: "+4930654321", From: "+4930999999", Body: "for another" });
  const ask = async (credentials: string) =>
    await fetch(`${gateway.url}/2010-04-01/Accounts/AC1/Messages.json?To=%2B4930123456`, {
      headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
    });
  const { messages } = await (await ask("AC1:token")).json() as { messages: { body: string }[] };
  expect(messages.map(({ body }) => body)).toEqual(["second", "first"]);
  expect((await ask("AC1:wrong")).status).toBe(401);
});
