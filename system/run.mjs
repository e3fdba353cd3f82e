// The one entry of the root's npm scripts. Plain JavaScript without dependencies, so that it runs before any install.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { commands } from "./commands.mjs";
import { installFolder } from "./install.mjs";
import { runningEnvironment } from "./running-environment.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name = "", ...args] = process.argv.slice(2);
const command = commands[name];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(
    `Node ${process.versions.node} is too old: install Node 20.19 or newer, from https://nodejs.org`,
  );
}
if (!command) {
  fail(
    `unknown command "${name}": choose one of ${Object.keys(commands).join(", ")}`,
    2,
  );
}

if (command.help && (args.includes("--help") || args.includes("-h"))) {
  console.log(command.help);
  process.exit(0);
}

for (const folder of command.installs) {
  const problem = installFolder(root, folder);
  if (problem) fail(problem);
}

const [folder, script, ...fixed] = command.runs;
const entry = join(root, folder, script);
if (!existsSync(entry)) {
  fail(`${folder}/${script} is missing: restore it with git`);
}
const { register } = await import(
  pathToFileURL(join(root, folder, "node_modules/tsx/dist/esm/api/index.mjs"))
    .href
);
register();
if (command.environment) {
  process.env = {
    ...runningEnvironment(root, command.environment),
    ...process.env,
  };
}
process.argv = [process.argv[0], entry, ...fixed, ...args];
await import(pathToFileURL(entry).href);

/** @returns {never} */
function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
