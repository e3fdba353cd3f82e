import process from "node:process";
import { start } from "./start.ts";

// What the deadline left behind would keep the process alive.
process.exit(await start(process.argv.slice(2)));
