import { existsSync, readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import Generator from "@asyncapi/generator";
import { entriesAt, isObject, type Json, type JsonObject, textAt } from "../src/json.ts";

/** By its path: the generator looks for a name from the current folder, and installs what it doesn't find there. */
const template = dirname(createRequire(import.meta.url).resolve("@asyncapi/html-template/package.json"));

/** As published, its compiled files point into its author's folders; compiling takes half of the time of a build. */
function isCompiledHere(): boolean {
  const compiled = join(template, "__transpiled/index.html.js");
  return existsSync(compiled) && readFileSync(compiled, "utf8").includes(join(template, "../../react"));
}

/** The template links to a message by its name and anchors it by its key: here the name is the key. */
export function keyedByName(document: JsonObject): JsonObject {
  const names = new Map(
    entriesAt(document, "components", "messages").map(([key, message]) => [key, textAt(message, "name") || key]),
  );
  const rename = (value: Json, under = ""): Json => {
    if (Array.isArray(value)) return value.map((item) => rename(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        if (key === "$ref") {
          return [
            key,
            String(item).replace(/(?<=\/messages\/)[^/]+$/, (old) => names.get(old) ?? old),
          ];
        }
        return [under === "messages" ? names.get(key) ?? key : key, rename(item, key)];
      }),
    );
  };
  return rename(document) as JsonObject;
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
    const document = JSON.parse(await readFile(join(root, service, "src/generated/asyncapi.json"), "utf8"));
    await generator.generateFromString(JSON.stringify(keyedByName(document)));
  }
  await rm(join(folder, "css"), { recursive: true, force: true });
  await rm(join(folder, "js"), { recursive: true, force: true });
}
