import type { Command } from "../command.ts";
import { compareGenerated, renderGenerated, writeGenerated } from "../generate.ts";

export const generate: Command = {
  summary: "Writes each service's src/generated/ from the AsyncAPI documents",
  usage: {
    positionals: [],
    flags: { check: "write nothing; fail and name each file that is not what the documents say" },
    markdown: false,
  },
  help: "Renders contracts/template/ for the producer and the consumer, with AsyncAPI's generator. Needs no network.",
  async run({ root, flags }) {
    const files = await renderGenerated(root);
    if (!flags.has("check")) {
      await writeGenerated(root, files);
      return { findings: [], summary: `${files.size} files written` };
    }
    const stale = await compareGenerated(root, files);
    return {
      findings: stale.map(({ file, reason }) => ({ level: "error" as const, file, pointer: "", reason })),
      summary: stale.length === 0
        ? `${files.size} generated files are up to date`
        : `${stale.length} of the generated files are stale: run npm run generate`,
    };
  },
};
