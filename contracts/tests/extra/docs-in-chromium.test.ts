import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiCall, listCalls } from "../../site/load/curl.ts";
import { loadOpenApi } from "../../site/load/services.ts";
import type { Servers } from "../../src/servers.ts";
import { createPrivateServers, type PrivateServers } from "../../src/wire/private-servers.ts";
import { type RunningProducer, startProducer } from "../../clinic/producer-process.ts";
import { launchChromium } from "./site/browser.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const calls = listCalls(await loadOpenApi(root));
let servers: PrivateServers;
let producer: RunningProducer;
let browser: Browser;
let page: Page;
let doctors = 0;

async function send(method: string, path: string, body: unknown): Promise<{ id: string; etag: string }> {
  const answer = await fetch(producer.url + path, {
    method,
    headers: { "X-API-Key": producer.apiKey, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  const { id } = await answer.json();
  return { id, etag: answer.headers.get("etag") ?? "" };
}

/** A doctor without hours. */
async function addDoctor(id: string): Promise<{ id: string; etag: string }> {
  const doctor = { name: "Dr. Grace Hopper", email: "hopper@clinic.example", timeZone: "Europe/Berlin" };
  return await send("PUT", `/v1/doctors/${id}`, doctor);
}

/** An appointment in the state that the operation needs, with a doctor of its own. */
async function prepareAppointment({ path }: ApiCall): Promise<{ id: string; etag: string }> {
  const { id: doctorId } = await addDoctor(`dr-hopper-${++doctors}`);
  // One after another, and all before those of the page: the clock may be set to each. Visits start at a full minute.
  const minute = Math.ceil(Date.now() / 60_000) + doctors;
  const appointmentDate = new Date(minute * 60_000).toISOString().replace(/\.\d+/, "");
  const booked = await send("POST", "/v1/appointments", { patientEmail: "ada@example.org", doctorId, appointmentDate });
  if (/\/(arrive|complete|no-show)$/.test(path)) producer.clock.reach(new Date(appointmentDate));
  return path.endsWith("/complete") ? await send("POST", `/v1/appointments/${booked.id}/arrive`, {}) : booked;
}

/** Writes what nobody could prefill: which appointment is meant, and its version. */
async function fillIn(block: Locator, call: ApiCall): Promise<void> {
  if (call.operation.operationId === "reportFailedNotification") {
    const body = block.locator("textarea.body-param__text");
    const { id } = await prepareAppointment(call);
    await body.fill(JSON.stringify({ ...JSON.parse(await body.inputValue()), appointmentId: id }));
    return;
  }
  const appointment = call.path.startsWith("/v1/appointments/{id}") ? await prepareAppointment(call) : undefined;
  if (!appointment) return;
  await block.locator('tr[data-param-name="id"] input').fill(appointment.id);
  if (call.method === "patch") await block.locator('tr[data-param-name="If-Match"] input').fill(appointment.etag);
}

/** Presses Execute; returns the status of the answer and its body. */
async function execute(block: Locator, { method }: ApiCall): Promise<{ status: number; text: string }> {
  const answered = page.waitForResponse((response) =>
    response.request().method() === method.toUpperCase() && response.request().resourceType() === "fetch"
  );
  await block.getByRole("button", { name: "Execute" }).click();
  const response = await answered;
  await block.locator(".live-responses-table .response .response-col_status").waitFor();
  return { status: response.status(), text: await response.text() };
}

beforeAll(async () => {
  servers = await createPrivateServers(process.env as unknown as Servers, "docs");
  producer = await startProducer(root, servers);
  await addDoctor("dr-lovelace");
  browser = await launchChromium();
  page = await browser.newPage();
  page.setDefaultTimeout(90_000);
  await page.goto(`${producer.url}/docs`);
  await page.getByRole("button", { name: "Authorize" }).first().click();
  await page.locator("#api_key_value").fill(producer.apiKey);
  await page.getByRole("button", { name: "Apply credentials" }).first().click();
  await page.getByRole("button", { name: "Close" }).first().click();
});

afterAll(async () => {
  await browser?.close();
  await producer?.stop();
  await servers?.drop();
});

describe("the page /docs, with what it prefills and no other input than an id", () => {
  test.each(calls.map((call) => [call.operation.operationId, call] as const))(
    "executes %s, a write twice",
    async (id, call) => {
      const block = page.locator(`[id="operations-${call.operation.tags?.[0]}-${id}"]`);
      await block.locator(".opblock-summary-control").click();
      await block.getByRole("button", { name: "Try it out" }).click();
      for (const time of call.method === "get" ? ["first"] : ["first", "second"]) {
        await fillIn(block, call);
        const { status, text } = await execute(block, call);
        expect(status, `the ${time} time: ${text}`).toBeLessThan(400);
      }
      await block.locator(".opblock-summary-control").click();
    },
  );

  test("has every operation", async () => {
    expect(await page.locator(".opblock").count()).toBe(calls.length);
  });
});
