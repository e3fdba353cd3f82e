import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { UsageError } from "../src/command.ts";
import { build } from "./build.ts";
import { recordReplays } from "./record-replays.ts";
import { serve } from "./serve.ts";
import { writePictures } from "./write-pictures.ts";

const help = `npm run docs -- [--out FOLDER] [--replay] [--pictures] [--no-reference] [--serve] [--port PORT]

Builds the documentation site from the documents, pacts, releases and services of this checkout.

  --out FOLDER   where it goes (dist-site); the folder is emptied first
  --replay       first replays the golden messages of every release, which takes PostgreSQL and RabbitMQ (those that
                 TEST_* names, else the project's own), and records what came of it for the page on compatibility
  --pictures     draws docs/flow-light.svg and docs/flow-dark.svg anew, too
  --no-reference leaves out AsyncAPI's own reference of both documents, which takes half of the time
  --serve        serves it, builds again after each change and reloads the browser
  --port PORT    for --serve (4321; 0 takes a free one)`;

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        out: { type: "string", default: join(root, "dist-site") },
        replay: { type: "boolean", default: false },
        pictures: { type: "boolean", default: false },
        reference: { type: "boolean", default: true },
        serve: { type: "boolean", default: false },
        port: { type: "string", default: "4321" },
        help: { type: "boolean", short: "h", default: false },
      },
      allowNegative: true,
    });
    if (!/^\d{1,5}$/.test(values.port)) throw new Error(`--port ${values.port} is not a port`);
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

async function main({ replay, pictures, reference, ...options }: ReturnType<typeof readOptions>): Promise<void> {
  const out = resolve(options.out);
  if (replay) console.log(`recorded in ${await recordReplays(root)}`);
  if (pictures) console.log(`drawn: ${(await writePictures(root)).join(", ")}`);
  const started = performance.now();
  const pages = await build(root, out, { reference });
  console.log(`${pages} pages in ${out}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (options.serve) await serve({ root, out, port: Number(options.port) });
}

const options = readOptions();
try {
  if (options.help) console.log(help);
  else await main(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exit(2);
}
