import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundle } from "./bundle.ts";
import { CONSUMER_DOCUMENT, PRODUCER_DOCUMENT } from "./contract.ts";
import { project } from "./project.ts";
import { lockedTree } from "./release/locked-tree.ts";
import { workingTree } from "./working-tree.ts";

const CONTRACTS = join(import.meta.dirname, "..");
const SERVICES = [
  { document: PRODUCER_DOCUMENT, folder: project.generated.producer, tree: workingTree },
  { document: CONSUMER_DOCUMENT, folder: project.generated.consumer, tree: lockedTree },
];

/** Generated files: path from the project's root → content. */
export type GeneratedFiles = Map<string, string>;

/** The generator, or this project's template, refuses a document. */
export class GenerationFailed extends Error {
  override name = "GenerationFailed";
}

/** Renders both services' files. The same documents give the same bytes. */
export async function renderGenerated(root: string): Promise<GeneratedFiles> {
  const template = await copyTemplate();
  try {
    const files: GeneratedFiles = new Map();
    for (const { document, folder, tree } of SERVICES) {
      const effective = JSON.stringify(bundle(document, tree(root)), null, 2);
      const compile = files.size === 0; // the template is the same for both
      const rendered = await renderTemplate(template, effective, compile);
      for (const [name, content] of rendered) files.set(`${folder}/${name}`, content);
      files.set(`${folder}/asyncapi.json`, `${effective}\n`);
    }
    return files;
  } finally {
    await rm(template, { recursive: true, force: true });
  }
}

/** The generator compiles into the template's folder, where two runs would meet. A copy still finds node_modules. */
async function copyTemplate(): Promise<string> {
  const scratch = join(CONTRACTS, ".local");
  await mkdir(scratch, { recursive: true });
  const copy = await mkdtemp(join(scratch, "template-"));
  await cp(join(CONTRACTS, "template"), copy, { recursive: true });
  return copy;
}

async function renderTemplate(template: string, document: string, compile: boolean): Promise<[string, string][]> {
  const { default: Generator } = await import("@asyncapi/generator"); // takes a second: not for other commands
  const output = await mkdtemp(join(tmpdir(), "generated-"));
  try {
    const { envelope, queuePrefix, generated: { formats } } = project;
    const templateParams = { settings: JSON.stringify({ envelope, queuePrefix, formats }) };
    const generator = new Generator(template, output, { forceWrite: true, compile, templateParams });
    await generator.generateFromString(document).catch((cause) => {
      throw new GenerationFailed(cause instanceof Error ? cause.message : String(cause), { cause });
    });
    return await readFolder(output);
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

/** Leaves alone what is as it should be: services may be running. */
export async function writeGenerated(root: string, files: GeneratedFiles): Promise<void> {
  for (const { file } of await compareGenerated(root, files)) {
    const content = files.get(file);
    if (content === undefined) {
      await rm(join(root, file));
    } else {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), content);
    }
  }
}

/** Each file that generating would change, add or remove, with a word for which. */
export async function compareGenerated(
  root: string,
  files: GeneratedFiles,
): Promise<{ file: string; reason: string }[]> {
  const committed: GeneratedFiles = new Map();
  for (const folder of new Set([...SERVICES.map(({ folder }) => folder), ...[...files.keys()].map(dirname)])) {
    for (const [name, content] of await readFolder(join(root, folder))) committed.set(`${folder}/${name}`, content);
  }
  return [...new Set([...files.keys(), ...committed.keys()])].sort()
    .filter((file) => files.get(file) !== committed.get(file))
    .map((file) => ({ file, reason: difference(files.get(file), committed.get(file)) }));
}

function difference(generated: string | undefined, committed: string | undefined): string {
  if (committed === undefined) return "is missing";
  if (generated === undefined) return "is not generated from anything";
  const lines = generated.split("\n");
  const line = committed.split("\n").findIndex((text, index) => text !== lines[index]);
  return `differs from what the documents say, from line ${line < 0 ? lines.length : line + 1} on`;
}

/** The files of a folder in the order of their names; none where the folder does not exist. */
async function readFolder(folder: string): Promise<[string, string][]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return await Promise.all(
    names.sort().map(async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), "utf8")]),
  );
}
