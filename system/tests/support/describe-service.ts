import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../local-files.ts";

export interface ServiceDescription {
  configuration: { name: string; required: boolean }[];
  metrics: { name: string }[];
}

/** What the service's own command line says of its settings and metrics. */
export function describeService(name: "producer" | "consumer"): ServiceDescription {
  const args = ["--import", "tsx", "src/cli.ts", "describe"];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: join(root, name), encoding: "utf8" }));
}
