import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const local = join(root, ".local");

/** Everything that the local stack writes. */
export const localFiles = {
  /** Of `npm start`; `--fresh` removes it. */
  data: join(local, "data"),
  /** Downloads. */
  cache: join(local, "cache"),
  /** One folder for each run of a command with servers of its own. */
  runs: join(local, "runs"),
  /** Held by the `npm start` that runs. */
  lock: join(local, "start.pid"),
  stack: join(local, "stack.json"),
  environment: join(local, "environment.json"),
};
