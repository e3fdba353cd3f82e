import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ServiceFailed } from "./service-failed.ts";
import { startService } from "./service-process.ts";

/** A service that is nothing but this program, where the loader for TypeScript is found. */
function service(program: string): string {
  const local = join(import.meta.dirname, "../../.local");
  mkdirSync(local, { recursive: true });
  const folder = mkdtempSync(join(local, "service-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "src/main.ts"), program);
  return folder;
}

test("a service that ends at its start has failed, and what it said is told", async () => {
  const started = startService(service('console.error("no such column"); process.exit(3);'), {});
  await expect(started).rejects.toThrow(ServiceFailed);
  await expect(started).rejects.toThrow(/ended with code 3:\nno such column/);
});

test("a service that something else ended has not failed", async () => {
  const started = startService(service('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);'), {});
  await expect(started).rejects.toThrow("was ended by SIGKILL");
  await expect(started).rejects.not.toThrow(ServiceFailed);
});
