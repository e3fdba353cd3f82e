import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./build.ts";
import { serve } from "./serve.ts";

const help = `npm run docs -- [--out FOLDER] [--serve] [--port PORT]

Builds the documentation site from the documents, pacts, releases and services of this checkout.

  --out FOLDER   where it goes (dist-site); the folder is emptied first
  --serve        serves it, builds again after each change and reloads the browser
  --port PORT    for --serve (4321; 0 takes a free one)`;

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        out: { type: "string", default: join(root, "dist-site") },
        serve: { type: "boolean", default: false },
        port: { type: "string", default: "4321" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (!/^\d{1,5}$/.test(values.port)) {
      throw new Error(`--port ${values.port} is no port`);
    }
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

const options = readOptions();
if (options.help) {
  console.log(help);
} else {
  const started = performance.now();
  const out = resolve(options.out);
  const pages = await build(root, out);
  console.log(
    `${pages} pages in ${out}, ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  if (options.serve) await serve({ root, out, port: Number(options.port) });
}
