import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface Interaction {
  description: string;
  providerStates?: { name: string; params?: Record<string, unknown> }[];
  contents: { content: Record<string, unknown> };
  metadata?: Record<string, unknown>;
}

export interface Pact {
  file: string;
  job: string;
  interactions: Interaction[];
}

/** The jobs' pacts, from contracts/pacts/. */
export async function loadPacts(root: string): Promise<Pact[]> {
  const folder = join(root, "contracts/pacts");
  if (!existsSync(folder)) return [];
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json"))
    .sort();
  const pacts = await Promise.all(files.map(async (file) => {
    const pact = JSON.parse(await readFile(join(folder, file), "utf8"));
    return {
      file,
      job: pact.consumer.name.replace("appointment-", ""),
      interactions: pact.interactions,
    };
  }));
  return pacts.filter(({ interactions }) => interactions.every(({ contents }: Partial<Interaction>) => contents));
}

/** Of each field, of the objects and arrays that hold others too. */
function paths(value: unknown, prefix: string): string[] {
  if (Array.isArray(value)) return [prefix, ...value.flatMap((item) => paths(item, `${prefix}[]`))];
  if (!value || typeof value !== "object") return [prefix];
  return [
    prefix,
    ...Object.entries(value).flatMap(([key, inner]) => paths(inner, prefix ? `${prefix}.${key}` : key)),
  ];
}

/** The fields of one event that a job's pact expects: those that the job is proven to read. */
export function provenFields(pact: Pact, eventName: string): Set<string> {
  const bodies = pact.interactions.map(({ contents }) => contents.content)
    .filter((body) => body.eventName === eventName);
  return new Set(bodies.flatMap((body) => paths(body, "")));
}
