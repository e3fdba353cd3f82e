import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../../local-files.ts";

/** The text of a file of the project. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8");

export interface Service {
  image?: string;
  build?: unknown;
  ports?: string[];
  volumes?: string[];
  healthcheck?: Record<string, unknown>;
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  deploy?: { replicas: number };
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
}

/** The services of a compose file, by name. */
export function services(file: string): Record<string, Service> {
  return parse(read(file), { merge: true }).services;
}
