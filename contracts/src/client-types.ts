import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { project } from "./project.ts";
import { type GeneratedFiles, GenerationFailed } from "./generate.ts";

/** The API as the producer describes it, from the routes that it serves. */
export const OPENAPI_DOCUMENT = project.openapi;

/** The OpenAPI document and the client's types, both rendered by the producer itself. */
export async function renderClientTypes(root: string): Promise<GeneratedFiles> {
  const folder = join(root, "producer/client");
  if (!project.services || !existsSync(folder)) return new Map(); // the documents alone
  const [types, document] = await Promise.all([
    printedBy(root, folder, "the client's types", "generate.ts"),
    printedBy(root, join(root, "producer"), "the OpenAPI document", "src/cli.ts", "openapi"),
  ]);
  return new Map([["producer/client/src/generated/api.ts", types], [OPENAPI_DOCUMENT, document]]);
}

async function printedBy(root: string, cwd: string, what: string, ...command: string[]): Promise<string> {
  const tsx = join(root, "producer/node_modules/tsx/dist/cli.mjs");
  const rendered = promisify(execFile)(process.execPath, [tsx, ...command], { cwd, maxBuffer: 64 * 1024 * 1024 });
  const { stdout } = await rendered.catch((cause) => {
    throw new GenerationFailed(`${what}: ${cause.stderr || cause.message}`, { cause });
  });
  return stdout;
}
