import { expect, test } from "vitest";
import { root } from "../../local-files.ts";
import { runSchedule } from "../../simulation/run-schedule.ts";
import { loadServices } from "../../simulation/services.ts";
import { plant, weakenings } from "../../simulation/weakenings.ts";

/** What it may take to find one; the seed that shows it has to show it again at once. */
const maxSchedules = 10_000;

test.each(weakenings)("$name is found, and its seed shows it again in less than a second", async (weakening) => {
  const copy = plant(root, weakening);
  try {
    const services = await loadServices(copy.root);
    for (let seed = 1; seed <= maxSchedules; seed++) {
      const { finding } = await runSchedule(services, seed);
      if (!finding) continue;
      const started = performance.now();
      expect((await runSchedule(services, seed)).finding).toBe(finding);
      expect(performance.now() - started).toBeLessThan(1_000);
      return;
    }
    expect.fail(`not found in ${maxSchedules} schedules`);
  } finally {
    copy.remove();
  }
});
