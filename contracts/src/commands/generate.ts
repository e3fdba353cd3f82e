import { renderClientTypes } from "../client-types.ts";
import type { Command } from "../command.ts";
import { compareGenerated, renderGenerated, writeGenerated } from "../generate.ts";

export const generate: Command = {
  summary: "Writes each service's src/generated/ from the AsyncAPI documents, and the client's types from the API",
  usage: {
    positionals: [],
    flags: { check: "write nothing; fail and name each file that is not what the documents say" },
    markdown: false,
  },
  help:
    "Renders contracts/template/ for the producer and the consumer, with AsyncAPI's generator; the OpenAPI document of " +
    "the producer's routes; and from that, with openapi-typescript, the types of producer/client/. Needs no network.",
  async run({ root, flags }) {
    if (!flags.has("check")) {
      const services = await renderGenerated(root);
      await writeGenerated(root, services);
      const client = await renderClientTypes(root); // from code that uses what was written
      await writeGenerated(root, new Map([...services, ...client]));
      return { findings: [], summary: `${services.size + client.size} files written` };
    }
    const rendered = await Promise.all([renderGenerated(root), renderClientTypes(root)]);
    const files = new Map(rendered.flatMap((some) => [...some]));
    const stale = await compareGenerated(root, files);
    return {
      findings: stale.map(({ file, reason }) => ({ level: "error" as const, file, pointer: "", reason })),
      summary: stale.length === 0
        ? `${files.size} generated files are up to date`
        : `${stale.length} of the generated files are stale: run npm run generate`,
    };
  },
};
