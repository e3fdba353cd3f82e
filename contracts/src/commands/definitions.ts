import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "../command.ts";
import { DEFINITIONS as FILE, renderDefinitions } from "../definitions.ts";
import { workingTree } from "../working-tree.ts";

export const definitions: Command = {
  summary: "Writes the broker's users, permissions and topology from the AsyncAPI documents",
  usage: {
    positionals: [],
    flags: {
      check: "write nothing; fail when the file is not what the documents say",
    },
    markdown: false,
  },
  help: `Writes ${FILE}: each service may declare, write and read what its own document says, and nothing else.`,
  async run({ root, flags }) {
    const path = join(root, FILE);
    const wanted = renderDefinitions(workingTree(root));
    if (!flags.has("check")) {
      await writeFile(path, wanted);
      return { findings: [], summary: `${FILE} written` };
    }
    if (await readFile(path, "utf8").catch(() => undefined) === wanted) {
      return { findings: [], summary: `${FILE} is up to date` };
    }
    const reason = "not what the documents say: run npm run contracts -- definitions";
    return {
      findings: [{ level: "error", file: FILE, pointer: "", reason }],
      summary: `${FILE} is stale`,
    };
  },
};
