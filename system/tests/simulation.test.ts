import { afterAll, expect, test } from "vitest";
import { root } from "../local-files.ts";
import { runSchedule } from "../simulation/run-schedule.ts";
import { loadServices } from "../simulation/services.ts";
import { plant, weakenings } from "../simulation/weakenings.ts";

const services = await loadServices(root);
const copies: { remove(): void }[] = [];
afterAll(() => copies.forEach((copy) => copy.remove()));

async function loadWeakened(name: string) {
  const copy = plant(root, weakenings.find((weakening) => weakening.name === name)!);
  copies.push(copy);
  return await loadServices(copy.root);
}

test("relay and delivery keep their promises under every one of many schedules", async () => {
  const from = Math.floor(Math.random() * 1_000_000_000);
  const until = performance.now() + 3_000;
  for (let seed = from; performance.now() < until || seed < from + 50; seed++) {
    const { finding, trace } = await runSchedule(services, seed);
    expect(finding, `npm run simulate -- --seed ${seed}\n${trace.join("\n")}`).toBeUndefined();
  }
});

test("a schedule is the same each time that its seed is run", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    expect(await runSchedule(services, seed)).toEqual(await runSchedule(services, seed));
  }
});

/** One of each service; all of them are walked in tests/extra. */
test.each(["no-inbox", "confirm-not-awaited"])(
  "%s is found, and its seed shows it again",
  async (name) => {
    const weakened = await loadWeakened(name);
    for (let seed = 1; seed <= 1_000; seed++) {
      const { finding } = await runSchedule(weakened, seed);
      if (!finding) continue;
      expect((await runSchedule(weakened, seed)).finding).toBe(finding);
      expect((await runSchedule(services, seed)).finding).toBeUndefined();
      return;
    }
    expect.fail(`${name} was not found`);
  },
);
