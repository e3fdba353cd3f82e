import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../../src/generated/topology.ts";
import { auditCommand } from "../../../src/jobs/audit/command.ts";
import { checkReceipt } from "../../../src/jobs/audit/receipt.ts";
import { signerOf, writeSigner } from "../../../src/jobs/audit/signed-note.ts";
import { timelineCommand } from "../../../src/timeline/command.ts";
import type { Timeline } from "../../../src/timeline/timeline.ts";
import { createReplayHarness, type ReplayHarness } from "../../support/replay-harness.ts";
import { historyOf } from "../../support/restored-history.ts";
import { opsKeys, type RunningConsumer, startConsumer } from "../../support/running-consumer.ts";
import { launchChromium, logIn, openPage, problemsOf } from "./browser.ts";

let harness: ReplayHarness;
let consumer: RunningConsumer;
let browser: Browser;
let folder: string;
let settings: Record<string, string>;
const signer = signerOf("clinic.example/audit", randomBytes(32));
const created = historyOf().created();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "audit-"));
  settings = { AUDIT_CHECKPOINT_DIR: folder, AUDIT_SIGNING_KEY: writeSigner(signer) };
  harness = await createReplayHarness(queues);
  consumer = await startConsumer(harness, { JOBS: "audit", ...settings });
  browser = await launchChromium();
  await harness.publish(created, {}, undefined, created.eventName);
});
afterAll(async () => {
  await browser?.close();
  await consumer?.stop();
  await harness?.close();
  await rm(folder, { recursive: true });
});

const ask = (path: string, key?: string) =>
  fetch(`${consumer.url}${path}`, { headers: key === undefined ? {} : { "x-api-key": key }, redirect: "manual" });

async function auditedStep() {
  const answer = await ask(`/ops/timeline/${created.aggregateId}.json`, opsKeys.reader.key);
  const { events } = await answer.json() as Timeline;
  return events[0]?.steps.find(({ part }) => part === "audit");
}

test("the page of an appointment gives the receipt of an audited event, which proves it to others", async () => {
  const { page, troubles } = await openPage(browser, consumer.url);
  await logIn(page, consumer.url, opsKeys.reader.key, `/ops/timeline/${created.aggregateId}`);
  const step = page.locator(".step", { hasText: "audit recorded" });
  await step.getByText("Proof").click();
  const link = step.getByRole("link", { name: /^Audit receipt of row \d+$/ });
  await link.waitFor();
  expect(await problemsOf(page)).toEqual([]);
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`^receipt-${created.eventId}-\\d+\\.tlog-proof$`));
  const receipt = await readFile(await download.path(), "utf8");
  expect(checkReceipt(receipt, [signer]).row).toMatchObject({
    eventKey: created.eventId,
    aggregateId: created.aggregateId,
    job: "audit",
  });
  expect(troubles).toEqual([]);
});

test("JSON and text name the command that gives the same receipt", async () => {
  await expect.poll(auditedStep).toMatchObject({ receipt: { eventKey: created.eventId } });
  const { receipt, proof } = (await auditedStep())!;
  const command = `consumer audit receipt ${created.eventId} --position ${receipt!.position}`;
  expect(proof["audit receipt"]).toBe(command);
  const { printed } = await harness.run(timelineCommand, [created.eventId]);
  expect(printed.map((line) => line.trim())).toContain(`audit receipt: ${command}`);

  const told = await harness.run(auditCommand, command.split(" ").slice(2), settings);
  const { row } = checkReceipt(`${told.printed.join("\n")}\n`, [signer]);
  expect(row).toMatchObject({ position: receipt!.position, eventKey: created.eventId });
});

test("a receipt needs the scope of the page, and is there for what is sealed only", async () => {
  await expect.poll(auditedStep).toMatchObject({ receipt: { eventKey: created.eventId } });
  const path = `/ops/audit/receipt/${created.eventId}`;
  const statusOf = async (path: string, key?: string) => (await ask(path, key)).status;
  expect(await statusOf(path)).toBe(401);
  expect(await statusOf(path, opsKeys.desk.key)).toBe(403);
  expect(await statusOf(path, opsKeys.reader.key)).toBe(200);
  expect(await statusOf("/ops/audit/receipt/nobody", opsKeys.reader.key)).toBe(404);
  expect(await statusOf(`${path}?position=999`, opsKeys.reader.key)).toBe(404);
  expect(await statusOf(`${path}?position=first`, opsKeys.reader.key)).toBe(400);
  const seen = consumer.lines.find(({ msg, resource, status }) =>
    msg === "request" && resource === created.eventId && status === 200
  );
  expect(seen).toMatchObject({ caller: "reader", route: "/ops/audit/receipt/:event" });
});
