import { existsSync, readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import Generator from "@asyncapi/generator";

/** By its path: the generator looks for a name from the current folder, and installs what it doesn't find there. */
const template = dirname(createRequire(import.meta.url).resolve("@asyncapi/html-template/package.json"));

/** As published, its compiled files point into its author's folders; compiling takes half of the time of a build. */
function isCompiledHere(): boolean {
  const compiled = join(template, "__transpiled/index.html.js");
  return existsSync(compiled) && readFileSync(compiled, "utf8").includes(join(template, "../../react"));
}

/** AsyncAPI's own HTML reference of both documents, one self-contained file each, into `<out>/reference/`. */
export async function buildReference(root: string, out: string): Promise<void> {
  const folder = join(out, "reference");
  for (const service of ["producer", "consumer"]) {
    const outFilename = `${service}.html`;
    const generator = new Generator(template, folder, {
      forceWrite: true,
      compile: !isCompiledHere(),
      templateParams: { singleFile: "true", outFilename },
    });
    await generator.generateFromString(
      await readFile(
        join(root, service, "src/generated/asyncapi.json"),
        "utf8",
      ),
    );
  }
  await rm(join(folder, "css"), { recursive: true, force: true });
  await rm(join(folder, "js"), { recursive: true, force: true });
}
