import { existsSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { UsageError } from "./command.ts";
import { ConfigSchema } from "./config.ts";
import type { Services } from "./services.ts";

const FILE = "contracts.config.ts";
const GATE = join(import.meta.dirname, "..");

/** `--root`, else the project that this command lies in; an installed one is for the folder that it is called in. */
export function projectRoot(args: string[]): string {
  const { root } = parseArgs({ args, strict: false, options: { root: { type: "string" } } }).values;
  if (typeof root === "string") return resolve(root);
  return GATE.includes(`${sep}node_modules${sep}`) ? process.cwd() : join(GATE, "..");
}

/** What the project's configuration says. Without one in its root, that beside these commands counts, where there is one. */
export async function loadConfig(root: string, gate = GATE): Promise<v.InferOutput<typeof ConfigSchema>> {
  const file = [root, gate].map((folder) => join(folder, FILE)).find((path) => existsSync(path));
  if (file === undefined) throw new UsageError(`${root} has no ${FILE}, which says where the AsyncAPI documents are`);
  const { default: given } = await import(pathToFileURL(file).href);
  const parsed = v.safeParse(ConfigSchema, given);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "its default export"}: ${issue.message}`);
  throw new UsageError(`${file} is wrong: ${problems.join("; ")}`);
}

/** Of the project that this process was started for. */
export const project = await loadConfig(projectRoot(process.argv.slice(2))).catch((error) => {
  if (!(error instanceof UsageError)) throw error;
  // Before the command line can catch it: every command is loaded with what is said here.
  process.stderr.write(`contracts: ${error.message}\n`);
  process.exit(2);
});

/** What starts the project's services. */
export async function loadServices(): Promise<Services> {
  if (!project.services) throw new UsageError(`${FILE} names no services, which this command starts`);
  return (await project.services()).services;
}

/** The fields of a body that every reader relies on. */
export const ENVELOPE: readonly string[] = project.envelope?.fields ?? [];

/** The field that has what happened, where it is not the body itself. */
export const PAYLOAD = project.envelope?.payload;
