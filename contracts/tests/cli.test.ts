import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { loadAll } from "../src/commands.ts";
import { renderHelp, renderOverview } from "../src/render/help.ts";
import { renderJunit } from "../src/render/junit.ts";
import { folderWith, projectWith, ROOT } from "./support/project.ts";

const TSX = join(ROOT, "contracts/node_modules/tsx/dist/cli.mjs");

function contracts(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [TSX, join(ROOT, "contracts/src/cli.ts"), ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    })
  );
}

const broken = () => projectWith((_, consumer) => consumer.operations.audit["x-reads"].doctorUpdated.push("room"));
const FINDING = {
  level: "error",
  file: "consumer/asyncapi.yaml",
  pointer: "/operations/audit/x-reads/doctorUpdated/4",
  reason: "reads room, which doctor.updated does not have",
};

describe("the contracts command line", { timeout: 120_000 }, () => {
  it("ends with 1, a line for each finding and a last line that sums up", async () => {
    const { code, stdout } = await contracts("validate", "--root", broken());
    expect(code).toBe(1);
    expect(stdout).toBe(`${FINDING.file}#${FINDING.pointer}: ${FINDING.reason}\n1 finding\n`);
  });

  it("says the same as JSON and as JUnit", async () => {
    const junit = join(folderWith({ "report/.keep": "" }), "report/junit.xml");
    const { code, stdout } = await contracts("validate", "--root", broken(), "--json", "--junit", junit);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ command: "validate", ok: false, findings: [FINDING], summary: "1 finding" });
    expect(readFileSync(junit, "utf8")).toContain(`<failure message="${FINDING.reason}">`);
  });

  it("ends with 0 where nothing is wrong", async () => {
    expect(await contracts("validate")).toMatchObject({ code: 0, stdout: expect.stringMatching(/ are valid\n$/) });
  });

  it.each([[[]], [["nonsense"]], [["toString"]], [["validate", "--nonsense"]], [["validate", "extra"]]])(
    "ends with 2 when it is called wrongly: %j",
    async (args) => expect((await contracts(...args)).code).toBe(2),
  );

  it("explains itself and a command", async () => {
    expect(await contracts("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("  validate  ") });
    expect(await contracts("diff", "--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("--json") });
  });
});

it("every command says what it is for, in the list and on its own", async () => {
  const commands = await loadAll();
  for (const [name, command] of Object.entries(commands)) {
    expect(renderOverview(commands)).toContain(command.summary);
    expect(renderHelp(name, command)).toContain(`-- ${name} `);
  }
});

it("JUnit output stays XML whatever a finding says", () => {
  const finding = { ...FINDING, level: "error" as const, reason: `<a> & "b"\u0000` };
  const xml = renderJunit("validate", { findings: [finding], summary: "1 finding" });
  expect(xml).toContain('message="&lt;a&gt; &amp; &quot;b&quot;\uFFFD"');
});
