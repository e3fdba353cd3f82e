import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import Generator from "@asyncapi/generator";

/** AsyncAPI's own HTML reference of both documents, one self-contained file each, into `<out>/reference/`. */
export async function buildReference(root: string, out: string): Promise<void> {
  const folder = join(out, "reference");
  for (const service of ["producer", "consumer"]) {
    const outFilename = `${service}.html`;
    const generator = new Generator("@asyncapi/html-template", folder, {
      forceWrite: true,
      compile: service === "producer", // once: the transpiled files in the package point into its author's folders
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
