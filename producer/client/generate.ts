import { writeFile } from "node:fs/promises";
import process from "node:process";
import { renderTypes, typesFile } from "./render-types.ts";

/** Prints the client's types as the API has them now; with --write it puts them where they belong. */
const types = await renderTypes();
if (process.argv.includes("--write")) await writeFile(typesFile, types);
else process.stdout.write(types);
