import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../local-files.ts";

export interface ServiceDescription {
  configuration: { name: string; required: boolean }[];
  metrics: { name: string }[];
}

const known = new Map<string, ServiceDescription>();

/** What the service's own command line says of its settings and metrics; asked once. */
export function describeService(name: "producer" | "consumer"): ServiceDescription {
  const description = known.get(name) ?? ask(name);
  known.set(name, description);
  return description;
}

function ask(name: string): ServiceDescription {
  const args = ["--import", "tsx", "src/cli.ts", "describe"];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: join(root, name), encoding: "utf8" }));
}
