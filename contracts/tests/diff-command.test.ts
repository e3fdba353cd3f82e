import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { CommandInput } from "../src/command.ts";
import { diff } from "../src/commands/diff.ts";
import { DEFINITIONS, renderDefinitions } from "../src/definitions.ts";
import { workingTree } from "../src/working-tree.ts";
import { type Document, FIXTURE, projectWith } from "./support/project.ts";

const AS_TESTER = ["-c", "user.name=t", "-c", "user.email=t@example.org"];

/** The project as a git repository whose first commit is tagged `base`, with its pacts and the broker's definitions. */
function repository(): string {
  const root = projectWith(() => {});
  cpSync(join(FIXTURE, "contracts/pacts"), join(root, "contracts/pacts"), { recursive: true });
  mkdirSync(dirname(join(root, DEFINITIONS)), { recursive: true });
  writeFileSync(join(root, DEFINITIONS), renderDefinitions(workingTree(root)));
  const git = (...args: string[]) => execFileSync("git", [...AS_TESTER, ...args], { cwd: root, stdio: "ignore" });
  git("init");
  git("add", ".");
  git("commit", "-m", "base");
  git("tag", "base");
  return root;
}

/** Makes the definitions what another generator would have made of the same documents. */
function generatedDifferently(root: string): void {
  const definitions = JSON.parse(readFileSync(join(root, DEFINITIONS), "utf8"));
  for (const { name, arguments: its } of definitions.queues) {
    if (/^apt\.audit\.retry/.test(name)) its["x-max-length"] = 500;
  }
  writeFileSync(join(root, DEFINITIONS), JSON.stringify(definitions));
}

const RETRY_QUEUES = ["1s", "10s", "1m", "10m"].map((delay) => `apt.audit.retry.${delay}`).join(", ");
const redeclared = (against = "") =>
  `MAJOR ${against}x-max-length of ${RETRY_QUEUES} 500 → none: breaks audit (apt.audit.queue); ` +
  "notifications, availability, calendar, analytics unaffected; " +
  "these can't be redeclared: consumer queues recreate moves their messages";

function change(root: string, path: string, edit: (document: Document) => void): void {
  const document = parse(readFileSync(join(root, path), "utf8"));
  edit(document);
  writeFileSync(join(root, path), JSON.stringify(document));
}

function commit(root: string): void {
  execFileSync("git", [...AS_TESTER, "commit", "--all", "--message", "next"], { cwd: root, stdio: "ignore" });
}

/** Keeps the documents as they are now, as a release. */
function release(root: string, version: string): void {
  for (const file of ["asyncapi.yaml", "consumer/asyncapi.yaml"]) {
    cpSync(join(root, file), join(root, "contracts/releases", version, file), { recursive: true });
  }
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
    release(root, "0.1.0");
    change(root, "asyncapi.yaml", patientEmailIsOptional);
    expect((await run(root, "0.1.0")).summary).toBe("1 MAJOR, 0 MINOR, 0 PATCH since 0.1.0");
    commit(root);
    const { findings } = await run(root, "HEAD");
    expect(findings).toMatchObject([{
      level: "error",
      reason: expect.stringMatching(/^MAJOR against release 0\.1\.0: payload\.patientEmail no longer required/),
    }]);
  });

  it("fails when steps that are MINOR each add up to what does not go with a release", async () => {
    const root = repository();
    const room = (version: string, type: string | undefined) =>
      change(root, "asyncapi.yaml", (document) => {
        const { properties } = document.components.schemas.AppointmentCreated.properties.payload;
        document.info.version = version;
        if (type === undefined) delete properties.room;
        else properties.room = { type };
      });
    const errors = async () =>
      (await run(root, "HEAD", "check-version")).findings.filter(({ level }) => level === "error");
    room("0.2.0", "string");
    release(root, "0.2.0");
    commit(root);
    room("0.3.0", undefined);
    expect(await errors()).toEqual([]);
    commit(root);
    room("0.4.0", "integer");
    expect(await errors()).toEqual([{
      level: "error",
      file: "asyncapi.yaml",
      pointer: "/info/version",
      reason: "0.4.0 does not go with release 0.2.0, whose version is 0.2.0: at least 1.0.0 " +
        "(MAJOR: payload.room type string → integer)",
    }]);
    room("1.0.0", "integer");
    expect(await errors()).toEqual([]);
  });

  it("asks a release's version too where BASE shows the same break", async () => {
    const root = repository();
    change(root, "asyncapi.yaml", (document) => document.info.version = "1.0.0");
    release(root, "1.0.0");
    change(root, "asyncapi.yaml", patientEmailIsOptional);
    const errors = (await run(root, "base", "check-version")).findings.filter(({ level }) => level === "error");
    expect(errors).toMatchObject([{ pointer: "/info/version", reason: expect.stringContaining("at least 2.0.0") }]);
  });

  it("takes what a release's own pacts prove for what its jobs read", async () => {
    const root = repository();
    release(root, "0.1.0");
    const pact = "contracts/pacts/appointment-analytics-appointment-producer.json";
    const released = JSON.parse(readFileSync(join(root, pact), "utf8"));
    for (const { contents } of released.interactions) contents.content.payload.patientEmail = "ada@example.org";
    mkdirSync(join(root, "contracts/releases/0.1.0/contracts/pacts"), { recursive: true });
    writeFileSync(join(root, "contracts/releases/0.1.0", pact), JSON.stringify(released));
    change(root, "asyncapi.yaml", patientEmailIsOptional);
    const { findings } = await run(root, "0.1.0");
    expect(findings[0]?.reason).toMatch(/breaks notifications \(\$\.payload\.patientEmail\), analytics/);
  });

  it("asks for a line in the changelog where words that say what something means have changed", async () => {
    const root = repository();
    const errors = async (base = "HEAD") =>
      (await run(root, base, "check-version")).findings.filter(({ level }) => level === "error");
    writeFileSync(join(root, "CHANGELOG.md"), "- `patientEmail` was always here.\n");
    execFileSync("git", ["add", "."], { cwd: root });
    commit(root);
    change(root, "asyncapi.yaml", ({ components: { schemas } }) => {
      schemas.PatientEmail.description = "Where the patient's guardian gets mail.";
      schemas.AppointmentDate.description = "The end of the visit.";
    });
    expect(await errors()).toEqual([{
      level: "error",
      file: "asyncapi.yaml",
      pointer: "/components/schemas/PatientEmail/description",
      reason:
        "payload.patientEmail described differently [appointment.created]: its meaning may have changed, and no " +
        "new line of CHANGELOG.md names patientEmail: say there what it means now, or that it means the same",
    }, {
      level: "error",
      file: "asyncapi.yaml",
      pointer: "/components/schemas/AppointmentDate/description",
      reason: expect.stringMatching(/no new line of CHANGELOG.md names appointmentDate or previousAppointmentDate/),
    }]);
    writeFileSync(
      join(root, "CHANGELOG.md"),
      "- `appointmentDate` is the end.\n- `patientEmail` was always here.\n- the previousDoctorId\n",
    );
    expect((await errors()).map(({ pointer }) => pointer)).toEqual(["/components/schemas/PatientEmail/description"]);
    appendFileSync(join(root, "CHANGELOG.md"), "- `patientEmail` may be a guardian's.\n");
    expect(await errors()).toEqual([]);
  });

  it("sees what the generator declares differently for the same documents", async () => {
    const root = repository();
    generatedDifferently(root);
    commit(root);
    expect((await run(root, "HEAD")).findings).toEqual([{
      level: "error",
      file: "consumer/asyncapi.yaml",
      pointer: "/channels/auditQueue/x-rabbitmq/retry/delays",
      reason: redeclared(),
    }]);
    expect((await run(root, "base")).findings).toEqual([]);
  });

  it("sees it against a release, by what that recorded or by the revision that it was cut from", async () => {
    const recorded = repository();
    generatedDifferently(recorded);
    release(recorded, "0.1.0");
    cpSync(join(recorded, DEFINITIONS), join(recorded, "contracts/releases/0.1.0", DEFINITIONS), { recursive: true });
    expect((await run(recorded, "base")).findings.map(({ reason }) => reason)).toEqual([
      redeclared("against release 0.1.0: "),
    ]);

    const root = repository();
    generatedDifferently(root);
    writeFileSync(join(root, "consumer/main.ts"), "released");
    execFileSync("git", ["add", "."], { cwd: root });
    commit(root);
    const consumer = execFileSync("git", ["rev-parse", "HEAD:consumer"], { cwd: root, encoding: "utf8" }).trim();
    release(root, "0.1.0");
    writeFileSync(join(root, "contracts/releases/0.1.0/release.json"), JSON.stringify({ services: { consumer } }));
    expect((await run(root, "base")).findings.map(({ reason }) => reason)).toEqual([
      redeclared("against release 0.1.0: "),
    ]);
  });

  it("refuses what is neither a release nor a revision, and takes no option for one", async () => {
    await expect(run(repository(), "nonsense")).rejects.toThrow("nonsense is neither a release nor a git revision");
    await expect(run(repository(), "--all")).rejects.toThrow("neither a release nor a git revision");
  });
});
