import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "./project.ts";

export interface Step {
  id?: string;
  name?: string;
  uses?: string;
  run?: string;
  with?: Record<string, string | number | boolean>;
}
export interface Job {
  needs?: string | string[];
  if?: string;
  env?: Record<string, string>;
  permissions?: Record<string, string>;
  strategy?: { matrix: Record<string, unknown> & { node?: string[] } };
  defaults?: { run?: { "working-directory"?: string } };
  "continue-on-error"?: unknown;
  steps: Step[];
}
export interface Trigger {
  paths?: string[];
  workflows?: string[];
  branches?: string[];
}
export interface Workflow {
  name: string;
  on: Record<string, Trigger | null>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

export const workflowFolder = join(ROOT, ".github/workflows");
export const setupFile = join(ROOT, ".github/actions/setup/action.yml");

export const workflowNames = readdirSync(workflowFolder)
  .filter((file) => file.endsWith(".yml")).map((file) => file.replace(".yml", ""));

export const workflow = (name: string): Workflow => parse(readFileSync(join(workflowFolder, `${name}.yml`), "utf8"));

export const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

/** Every `run` with the folder that it runs in. */
export const runsOf = ({ jobs }: Workflow) =>
  Object.values(jobs).flatMap(({ steps, defaults }) =>
    steps.flatMap(({ run }) => run === undefined ? [] : [{ run, folder: defaults?.run?.["working-directory"] ?? "." }])
  );

export function script(job: Job | undefined, name: string): string {
  const step = job?.steps.find((one) => one.name?.startsWith(name) || one.id === name);
  if (step?.run === undefined) throw new Error(`no step is called ${name}`);
  return step.run;
}
