import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const deploymentFolder = "contracts/deployments";

/** Participant → the version (git tree hash) that runs in an environment. */
export type Deployments = Record<string, string>;

function fileOf(root: string, environment: string): string {
  return join(root, deploymentFolder, `${environment}.json`);
}

/** Nothing was ever deployed to an environment that has no file. */
export function readDeployments(root: string, environment: string): Deployments {
  const file = fileOf(root, environment);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) as Deployments : {};
}

export function environments(root: string): string[] {
  const folder = join(root, deploymentFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -5)).sort();
}

/**
 * The new version takes the place of the participant's earlier one, as with Pact's own record-deployment. `gone` no
 * longer runs there at all: an entry that stayed would have to be satisfied for ever.
 */
export function recordDeployment(
  root: string,
  environment: string,
  { participants, gone = [], version }: { participants: string[]; gone?: string[]; version: string },
): void {
  const kept = Object.entries(readDeployments(root, environment)).filter(([name]) => !gone.includes(name));
  const deployed = { ...Object.fromEntries(kept), ...Object.fromEntries(participants.map((name) => [name, version])) };
  const sorted = Object.fromEntries(Object.entries(deployed).sort(([a], [b]) => (a < b ? -1 : 1)));
  mkdirSync(join(root, deploymentFolder), { recursive: true });
  writeFileSync(fileOf(root, environment), `${JSON.stringify(sorted, null, 2)}\n`);
}
