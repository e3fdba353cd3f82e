import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { OpenApi } from "./openapi.ts";

/** What a service says of itself: `<service> describe`. */
export interface Description {
  service: string;
  configuration: {
    name: string;
    required: boolean;
    fallback?: string;
    description: string;
  }[];
  metrics: { name: string; type: string; help: string }[];
}

async function run(
  root: string,
  service: string,
  command: string,
): Promise<unknown> {
  const folder = join(root, service);
  const tsx = join(folder, "node_modules/tsx/dist/cli.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [
    tsx,
    "src/cli.ts",
    command,
  ], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}

export async function loadDescriptions(root: string): Promise<Description[]> {
  return await Promise.all(
    ["producer", "consumer"].map((service) => run(root, service, "describe")),
  ) as Description[];
}

/** The OpenAPI document that the producer generates from its routes. */
export async function loadOpenApi(root: string): Promise<OpenApi> {
  return await run(root, "producer", "openapi") as OpenApi;
}
