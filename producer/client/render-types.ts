import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describeApi } from "../src/describe-api.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const header = "// @generated from the OpenAPI document by openapi-typescript — do not edit\n";

export const typesFile = join(folder, "src/generated/api.ts");

function findGenerator(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      "openapi-typescript/package.json",
    );
    return join(dirname(manifest), "bin/cli.js");
  } catch (cause) {
    throw new Error(
      "openapi-typescript is not installed: run npm ci --prefix client in producer/",
      { cause },
    );
  }
}

/** What openapi-typescript makes of the OpenAPI document. It needs an older TypeScript than the service, hence a process. */
export async function renderTypes(): Promise<string> {
  // A field with a default need not be sent.
  const flags = ["--default-non-nullable", "false", "--immutable"];
  const generator = spawn(process.execPath, [findGenerator(), ...flags], {
    cwd: folder,
  });
  generator.stdin.end(JSON.stringify(await describeApi()));
  const [types, complaint, [code]] = await Promise.all([
    text(generator.stdout),
    text(generator.stderr),
    once(generator, "close"),
  ]);
  if (code !== 0) {
    throw new Error(`openapi-typescript ended with ${code}: ${complaint}`);
  }
  return header + types;
}
