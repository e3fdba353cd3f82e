import { cpSync } from "node:fs";
import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { compareGenerated, renderGenerated } from "../src/generate.ts";
import { type Edit, folderWith, projectWith, ROOT } from "./support/project.ts";

const run = promisify(execFile);

/** The project with its generated files, which the edit then leaves behind. */
function committedProject(edit: Edit): string {
  const root = projectWith(edit, ROOT);
  for (const service of ["producer", "consumer"]) {
    cpSync(join(ROOT, service, "src/generated"), join(root, service, "src/generated"), { recursive: true });
  }
  return root;
}

describe("generate", { timeout: 120_000 }, () => {
  it("gives what is committed, the same bytes twice, and no reference to another file", async () => {
    const files = await renderGenerated(ROOT);
    expect(await compareGenerated(ROOT, files)).toEqual([]);
    expect([...await renderGenerated(ROOT)]).toEqual([...files]);
    for (const [path, content] of files) {
      if (path.endsWith(".json")) expect(content).not.toMatch(/"\$ref": "[^#]/);
    }
  });

  it("names each file that a changed document leaves stale, and only these", async () => {
    const root = committedProject((_, consumer) =>
      consumer.channels.auditQueue["x-rabbitmq"].arguments["x-max-length"] = 5
    );
    const cli = join(ROOT, "contracts/src/cli.ts");
    const tsx = join(ROOT, "contracts/node_modules/tsx/dist/cli.mjs");
    const { stdout, code } = await run(process.execPath, [tsx, cli, "generate", "--check", "--root", root])
      .catch((error) => error);
    expect(code).toBe(1);
    expect(stdout.split("\n").map((line: string) => line.split(":")[0])).toEqual([
      "consumer/src/generated/asyncapi.json",
      "consumer/src/generated/topology.ts",
      "2 of the generated files are stale",
      "",
    ]);
  });

  it("names a file that is missing and one that nothing generates", async () => {
    const root = folderWith({ "producer/src/generated/old.ts": "" });
    expect(await compareGenerated(root, new Map([["producer/src/generated/events.ts", "x"]]))).toEqual([
      { file: "producer/src/generated/events.ts", reason: "is missing" },
      { file: "producer/src/generated/old.ts", reason: "is not generated from anything" },
    ]);
  });

  it("stops at a keyword that the generated code would lose", async () => {
    const root = projectWith((producer) => producer.components.schemas.Actor.contentEncoding = "base64");
    await expect(renderGenerated(root)).rejects.toThrow("unsupported keyword contentEncoding on type string");
  });
});
