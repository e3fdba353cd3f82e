import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createServiceClock } from "./service-clock.ts";
import { startService } from "../src/wire/service-process.ts";

test("a service's clock is set ahead while it runs, goes on from there, and never back", async () => {
  const local = join(import.meta.dirname, "../.local");
  mkdirSync(local, { recursive: true });
  const folder = mkdtempSync(join(local, "clock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "src"));
  const said = join(folder, "said.json");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(
    join(folder, "src/main.ts"),
    `import { renameSync, writeFileSync } from "node:fs";
    console.log('{"msg":"listening","port":1}');
    setInterval(() => {
      writeFileSync("said.new", JSON.stringify([Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date]));
      renameSync("said.new", "said.json");
    }, 10);`,
  );
  const clock = createServiceClock();
  onTestFinished(clock.remove);
  const service = await startService(folder, clock.settings, clock.imports);
  onTestFinished(service.stop);
  const times = () => JSON.parse(readFileSync(said, "utf8"));

  await expect.poll(times).toEqual([expect.any(Number), expect.any(Number), 5, true]);
  expect(Math.abs(times()[0] - Date.now())).toBeLessThan(60_000);
  const later = new Date(Date.now() + 30 * 86_400_000);
  clock.reach(later);
  await expect.poll(() => Math.min(...times().slice(0, 2))).toBeGreaterThanOrEqual(later.getTime());
  clock.reach(new Date());
  const before = times()[0];
  await expect.poll(() => times()[0]).toBeGreaterThan(before);
  expect(times()[0]).toBeLessThan(later.getTime() + 60_000);
}, 60_000);
