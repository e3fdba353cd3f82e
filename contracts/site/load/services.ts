import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

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

export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  required?: string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

export interface Media {
  schema?: JsonSchema;
  example?: unknown;
  examples?: Record<string, { summary?: string; value: unknown }>;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  description?: string;
  schema?: JsonSchema;
  example?: unknown;
}

export interface Answer {
  description: string;
  headers?: Record<string, { description?: string }>;
  content?: Record<string, Media>;
}

export interface ApiOperation {
  operationId: string;
  summary: string;
  description?: string;
  tags?: string[];
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, Answer | { $ref: string }>;
  security?: Record<string, string[]>[];
}

export interface OpenApi {
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, ApiOperation>>;
  components?: Record<string, Record<string, unknown>>;
}
