import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { CommandInput } from "../src/command.ts";
import { diff } from "../src/commands/diff.ts";
import { type Document, FIXTURE, projectWith } from "./support/project.ts";

/** The project as a git repository whose first commit is tagged `base`, with its pacts. */
function repository(): string {
  const root = projectWith(() => {});
  cpSync(join(FIXTURE, "contracts/pacts"), join(root, "contracts/pacts"), { recursive: true });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: root,
      stdio: "ignore",
    });
  git("init");
  git("add", ".");
  git("commit", "-m", "base");
  git("tag", "base");
  return root;
}

function change(root: string, path: string, edit: (document: Document) => void): void {
  const document = parse(readFileSync(join(root, path), "utf8"));
  edit(document);
  writeFileSync(join(root, path), JSON.stringify(document));
}

function run(root: string, base: string, ...flags: string[]) {
  const input: CommandInput = { root, positionals: [base], flags: new Set(flags), options: {} };
  return diff.run(input);
}

const patientEmailIsOptional = (document: Document) => {
  const { payload } = document.components.schemas.AppointmentCreated.properties;
  payload.required = payload.required.filter((field: string) => field !== "patientEmail");
};

describe("diff BASE", () => {
  it("compares the working tree with a git revision", async () => {
    const root = repository();
    expect(await run(root, "base")).toMatchObject({ findings: [], summary: "0 MAJOR, 0 MINOR, 0 PATCH since base" });
    change(root, "asyncapi.yaml", patientEmailIsOptional);
    const { findings, markdown } = await run(root, "base");
    expect(findings).toEqual([{
      level: "error",
      file: "asyncapi.yaml",
      pointer: "/components/schemas/AppointmentCreated/properties/payload/properties/patientEmail",
      reason: "MAJOR payload.patientEmail no longer required: breaks notifications ($.payload.patientEmail); " +
        "availability, audit, calendar, analytics unaffected [appointment.created]",
    }]);
    expect(markdown).toContain("| MAJOR | appointment.created | payload.patientEmail no longer required |");
  });

  it("lets a MAJOR change pass when the version says so", async () => {
    const root = repository();
    change(root, "asyncapi.yaml", patientEmailIsOptional);
    const errors = async () =>
      (await run(root, "base", "check-version")).findings.filter(({ level }) => level === "error");
    expect(await errors()).toMatchObject([{ file: "asyncapi.yaml", pointer: "/info/version" }]);
    change(root, "asyncapi.yaml", (document) => document.info.version = "1.0.0");
    expect(await errors()).toEqual([]);
  });

  it("takes a release for a base, and counts what only an earlier release shows", async () => {
    const root = repository();
    for (const file of ["asyncapi.yaml", "consumer/asyncapi.yaml"]) {
      cpSync(join(root, file), join(root, "contracts/releases/0.1.0", file), { recursive: true });
    }
    change(root, "asyncapi.yaml", patientEmailIsOptional);
    expect((await run(root, "0.1.0")).summary).toBe("1 MAJOR, 0 MINOR, 0 PATCH since 0.1.0");
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qam", "next"], {
      cwd: root,
    });
    const { findings } = await run(root, "HEAD");
    expect(findings).toMatchObject([{
      level: "error",
      reason: expect.stringMatching(/^MAJOR against release 0\.1\.0: payload\.patientEmail no longer required/),
    }]);
  });

  it("refuses what is neither a release nor a revision, and takes no option for one", async () => {
    await expect(run(repository(), "nonsense")).rejects.toThrow("nonsense is neither a release nor a git revision");
    await expect(run(repository(), "--all")).rejects.toThrow("neither a release nor a git revision");
  });
});
