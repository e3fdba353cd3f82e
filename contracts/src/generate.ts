import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtemp } from "node:fs/promises";
import Generator from "@asyncapi/generator";
import { bundle } from "./bundle.ts";

const TEMPLATE = join(import.meta.dirname, "../template");
const SERVICES = [
  { document: "asyncapi.yaml", folder: "producer/src/generated" },
  { document: "consumer/asyncapi.yaml", folder: "consumer/src/generated" },
];

/** Renders both services' generated files: path from the root → content. The same input gives the same bytes. */
export async function renderGenerated(
  root: string,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [index, { document, folder }] of SERVICES.entries()) {
    const effective = JSON.stringify(
      bundle(document, (path) => readFileSync(join(root, path), "utf8")),
      null,
      2,
    );
    for (
      const [name, content] of await renderTemplate(effective, index === 0)
    ) files.set(`${folder}/${name}`, content);
    files.set(`${folder}/asyncapi.json`, `${effective}\n`);
  }
  return files;
}

/** The template is compiled on the first call of a run only: it is the same for both documents. */
async function renderTemplate(
  document: string,
  compile: boolean,
): Promise<[string, string][]> {
  const output = await mkdtemp(join(tmpdir(), "appointment-contracts-"));
  try {
    await new Generator(TEMPLATE, output, { forceWrite: true, compile })
      .generateFromString(document);
    const names = (await readdir(output)).sort();
    return await Promise.all(
      names.map(async (
        name,
      ): Promise<[string, string]> => [
        name,
        await readFile(join(output, name), "utf8"),
      ]),
    );
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

export async function writeGenerated(
  root: string,
  files: Map<string, string>,
): Promise<void> {
  for (const { folder } of SERVICES) {
    await rm(join(root, folder), { recursive: true, force: true });
    await mkdir(join(root, folder), { recursive: true });
  }
  for (const [path, content] of files) {
    await writeFile(join(root, path), content);
  }
}
