import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** The variables that `npm start` gave the service, while it runs; else none. */
export function runningEnvironment(root, service) {
  const file = join(root, ".local", "environment.json");
  if (!existsSync(file)) return {};
  const { pid, services } = JSON.parse(readFileSync(file, "utf8"));
  try {
    process.kill(pid, 0);
  } catch {
    return {};
  }
  return services[service];
}
