import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { type GeneratedFiles, GenerationFailed } from "./generate.ts";

/** The types of the API's client: the producer renders them itself, from the routes that it serves. */
export async function renderClientTypes(root: string): Promise<GeneratedFiles> {
  const folder = join(root, "producer/client");
  if (!existsSync(folder)) return new Map(); // the documents alone
  const tsx = join(root, "producer/node_modules/tsx/dist/cli.mjs");
  const rendered = promisify(execFile)(process.execPath, [tsx, "generate.ts"], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { stdout } = await rendered.catch((cause) => {
    throw new GenerationFailed(`the client's types: ${cause.stderr || cause.message}`, { cause });
  });
  return new Map([["producer/client/src/generated/api.ts", stdout]]);
}
