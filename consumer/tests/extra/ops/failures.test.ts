import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../../src/generated/topology.ts";
import { createReplayHarness, type ReplayHarness } from "../../support/replay-harness.ts";
import { historyOf } from "../../support/restored-history.ts";
import { opsKeys, type RunningConsumer, startConsumer } from "../../support/running-consumer.ts";
import { plantLetter } from "../../support/planted-letters.ts";
import { launchChromium, logIn, openPage, picture, problemsOf } from "./browser.ts";

let harness: ReplayHarness;
let consumer: RunningConsumer;
let browser: Browser;

beforeAll(async () => {
  harness = await createReplayHarness(queues);
  consumer = await startConsumer(harness, { SMTP_URL: "smtp://127.0.0.1:9", MAIL_FROM: "clinic@clinic.example" });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await consumer?.stop();
  await harness?.close();
});

/** Goes from one thing to the next as somebody without a mouse does, until that one has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 100; step++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(
      "(document.activeElement?.innerText || document.activeElement?.getAttribute('id') || '').trim()",
    );
    if (name.test(String(focused))) return;
  }
  throw new Error(`nothing with the name ${name} is reached by Tab`);
}

test(
  "three hundred and forty hostile messages are five groups, and one of them is discarded",
  { timeout: 240_000 },
  async () => {
    for (let message = 0; message < 340; message++) {
      await harness.publish({ ...historyOf().created(), payload: { doctorId: message } });
    }
    const { sql } = harness.database;
    await expect.poll(() => sql`select from dead_letters`, { timeout: 90_000 }).toHaveLength(1_700);
    const { page, troubles } = await openPage(browser, consumer.url);
    await logIn(page, consumer.url, opsKeys.operator.key, "/ops/failures");
    await page.locator(".verdict", { hasText: "1700 in 5 groups" }).waitFor();
    expect(await page.getByRole("link", { name: "Decide about all 340" }).count()).toBe(5);
    expect(await problemsOf(page)).toEqual([]);
    await picture(page, "failures");

    await page.getByRole("link", { name: "Decide about all 340" }).first().click();
    expect(await problemsOf(page)).toEqual([]);
    await picture(page, "group");
    await page.getByLabel("Why").fill("a load test of ours");
    await page.getByLabel("At most a second").fill("1000");
    await page.getByRole("button", { name: "Discard all 340" }).click();
    await page.getByText("340 of 340, done").waitFor({ timeout: 100_000 });
    await page.locator(".verdict", { hasText: "1360 in 4 groups" }).waitFor();
    const [audited] = await sql<[{ count: number }]>`
    select count(*)::integer as count from audit_outcomes where action = 'discarded' and actor = 'operator:operator'`;
    expect(audited.count).toBe(340);
    await sql`delete from dead_letters`;
    await sql`delete from ops_tasks`;
    expect(troubles).toEqual([]);
  },
);

test("a group is replayed by keyboard alone, with its progress, and by nobody without the scope", async () => {
  const { sql } = harness.database;
  const events = Array.from({ length: 30 }, () => historyOf().created());
  for (const [index, event] of events.entries()) {
    await plantLetter(sql, { job: "analytics", reason: "retries-exhausted", error: `no answer in ${index} ms`, event });
  }
  const { page: reader } = await openPage(browser, consumer.url);
  await logIn(reader, consumer.url, opsKeys.reader.key, "/ops/failures");
  await reader.getByRole("link", { name: "Decide about all 30" }).click();
  await reader.getByText("a key needs the scope ops:act").waitFor();

  const { page, troubles } = await openPage(browser, consumer.url);
  await logIn(page, consumer.url, opsKeys.operator.key, "/ops/failures");
  await tabTo(page, /^Decide about all 30/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/failures\/group/);
  await tabTo(page, /^why$/);
  await page.keyboard.type("the database is back");
  await tabTo(page, /^Replay all 30/);
  await page.keyboard.press("Enter");
  await page.getByText("30 of 30, done").waitFor({ timeout: 100_000 });
  const processed = () =>
    sql`select from inbox where job = 'analytics' and event_key in ${sql(events.map(({ eventId }) => eventId))}`;
  await expect.poll(processed).toHaveLength(30);
  const letters = await sql`
    select distinct state, settled_why from dead_letters where event_key in ${
    sql(events.map(({ eventId }) => eventId))
  }`;
  expect(letters[0]).toEqual({ state: "replayed", settled_why: "the database is back" });
  expect(troubles).toEqual([]);
});

test("an edit that the contract refuses is not replayed, one that it takes is, and is shown and audited first", async () => {
  const { sql } = harness.database;
  const cancelled = historyOf().cancelled();
  const broken = { ...cancelled, payload: { ...cancelled.payload, durationMinutes: "half an hour" } };
  const id = await plantLetter(sql, {
    job: "availability",
    reason: "schema-violation",
    error: "payload",
    event: broken,
  });
  const { page } = await openPage(browser, consumer.url);
  await logIn(page, consumer.url, opsKeys.operator.key, `/ops/dead-letters/${id}`);
  expect(await problemsOf(page)).toEqual([]);
  await picture(page, "letter");

  const edit = async (from: string, to: string) => {
    await page.getByLabel("Body").fill((await page.getByLabel("Body").inputValue()).replace(from, to));
    await page.getByRole("button", { name: "Check the edit" }).click();
  };
  await edit('"half an hour"', "4");
  await page.getByRole("alert").getByText("By the contract: payload.durationMinutes").waitFor();
  expect(await problemsOf(page)).toEqual([]);
  await picture(page, "edit-refused");
  await edit('"durationMinutes": 4', '"durationMinutes": 30');
  await page.getByText("The contract and the job availability take it.").waitFor();
  await page.locator(".diff-added", { hasText: '"durationMinutes": 30' }).waitFor();
  expect(await problemsOf(page)).toEqual([]);
  await picture(page, "edit-diff");
  await page.getByLabel("Why").fill("the clinic's import wrote words");
  await page.getByRole("button", { name: "Replay it edited" }).click();
  const done = () => sql`select from inbox where job = 'availability' and event_key = ${cancelled.eventId}`;
  await expect.poll(done).toHaveLength(1);
  const [audited] = await sql`select actor, detail -> 'paths' as paths from audit_outcomes where action = 'edited'`;
  expect(audited).toEqual({ actor: "operator:operator", paths: ["payload.durationMinutes"] });
});

test("a body that tells of a patient is neither shown nor edited without the scope, and no other site can act", async () => {
  const { sql } = harness.database;
  const created = historyOf().created();
  const id = await plantLetter(sql, { job: "analytics", reason: "gap", error: "gap", event: created });
  const { page } = await openPage(browser, consumer.url);
  await logIn(page, consumer.url, opsKeys.operator.key, `/ops/dead-letters/${id}`);
  await page.getByText("needs the scope ops:personal").waitFor();
  expect(await page.content()).not.toContain("pat@example.org");
  await page.getByRole("button", { name: "Log out" }).click();
  await logIn(page, consumer.url, opsKeys.physician.key, `/ops/dead-letters/${id}`);
  expect(await page.getByLabel("Body").inputValue()).toContain("pat@example.org");

  const act = (headers: Record<string, string>, form: Record<string, string>) =>
    fetch(`${consumer.url}/ops/dead-letters/${id}`, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      body: new URLSearchParams({ action: "discard", why: "because", ...form }),
    });
  const [cookie] = await page.context().cookies();
  const session = { cookie: `${cookie!.name}=${cookie!.value}` };
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/ops" });
  expect((await act({ ...session, origin: "https://elsewhere.example" }, {})).status).toBe(403);
  expect((await act({ ...session, origin: consumer.url }, { csrf: "guessed" })).status).toBe(403);
  expect((await act({ origin: consumer.url, "x-api-key": opsKeys.reader.key }, {})).status).toBe(403);
  expect(await sql`select from dead_letters where id = ${id} and state = 'stored'`).toHaveLength(1);
  expect((await act({ origin: consumer.url, "x-api-key": opsKeys.operator.key }, {})).status).toBe(303);
  expect(await sql`select from dead_letters where id = ${id} and state = 'discarded'`).toHaveLength(1);
});
