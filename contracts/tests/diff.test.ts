import { describe, expect, it } from "vitest";
import { type Contract, jobs, loadContract } from "../src/contract.ts";
import { diffContracts } from "../src/diff/diff.ts";
import { versionProblems } from "../src/diff/version.ts";
import { readPacts } from "../src/pact-files.ts";
import { parsePacts } from "../src/pacts.ts";
import { describeChange } from "../src/render/diff.ts";
import { BOOLEAN_SCHEMA_ROWS } from "./diff-table-boolean-schemas.ts";
import { HEADER_ROWS } from "./diff-table-headers.ts";
import { TOPOLOGY_ROWS } from "./diff-table-topology.ts";
import { MESSAGE_ROWS, type Row } from "./diff-table.ts";
import { edited, FIXTURE } from "./support/project.ts";
import { reallyBroken } from "./support/really-broken.ts";

const pacts = parsePacts(readPacts(FIXTURE));
const fixture = loadContract(edited(() => {}));
const JOBS = jobs(fixture).map(({ name }) => name);

const BODY_ROWS = { ...MESSAGE_ROWS, ...BOOLEAN_SCHEMA_ROWS };
const ROWS = { ...BODY_ROWS, ...HEADER_ROWS, ...TOPOLOGY_ROWS };

function contractWith(...edits: (Row["change"] | undefined)[]): Contract {
  return loadContract(edited((producer, consumer) => {
    for (const edit of edits) edit?.(producer.components.schemas, producer, consumer);
  }));
}

/** The gravest change that the row's pattern speaks of. */
function verdictOf(row: Row) {
  const before = row.given === undefined ? fixture : contractWith(row.given);
  const after = contractWith(row.given, row.change);
  const changes = diffContracts({ contract: before, pacts }, { contract: after, pacts: [] });
  const change = changes.find((change) =>
    (row.event === undefined || change.event === undefined || change.event === row.event) &&
    row.says.test(describeChange(change, JOBS))
  );
  const said = changes.map((change) => `${change.verdict} ${describeChange(change, JOBS)}`);
  return { before, after, changes, change, said };
}

describe("the table of small changes", () => {
  it("has at least 60 rows that messages of both sides confirm", () => {
    expect(Object.keys({ ...BODY_ROWS, ...HEADER_ROWS }).length).toBeGreaterThanOrEqual(60);
  });

  it("starts from a contract that does not differ from itself", () => {
    expect(diffContracts({ contract: fixture, pacts }, { contract: fixture, pacts })).toEqual([]);
  });

  it.each(Object.entries(ROWS))("%s", (_, row) => {
    const { change, said, changes } = verdictOf(row);
    expect(said).toContainEqual(expect.stringMatching(new RegExp(row.says.source.replace("^", `^${row.verdict} `))));
    if (row.breaks !== undefined) expect(change?.breaks.map(({ job }) => job)).toEqual(row.breaks);
    if (row.verdict !== "MAJOR") expect(changes.filter(({ verdict }) => verdict === "MAJOR")).toEqual([]);
  });
});

describe("messages of the one side and schemas of the other confirm", () => {
  it.each([
    ...Object.entries(BODY_ROWS).map(([what, row]) => [what, row, "payload"] as const),
    ...Object.entries(HEADER_ROWS).map(([what, row]) => [what, row, "headers"] as const),
  ])("%s", (_, row, part) => {
    const { before, after, changes } = verdictOf(row);
    const { everybody, jobs } = reallyBroken(before, after, row.event ?? "", part);
    const said = changes.filter(({ verdict, event }) => verdict === "MAJOR" && event === row.event);
    const saidJobs = JOBS.filter((name) => said.some(({ breaks }) => breaks.some(({ job }) => job === name)));
    expect({ broken: everybody || jobs.length > 0, jobs }).toEqual({ broken: row.verdict === "MAJOR", jobs: saidJobs });
  });
});

describe("--check-version", () => {
  const MAJOR: Row = { change: (schemas) => schemas.Actor.minLength = 0, verdict: "MAJOR", says: /actor/ };
  const MINOR: Row = {
    change: (schemas) => schemas.AppointmentCreated.properties.tenant = { type: "string" },
    verdict: "MINOR",
    says: /tenant/,
  };
  const PATCH: Row = { change: (schemas) => schemas.Actor.title = "x", verdict: "PATCH", says: /words/ };

  it.each<[string, Row, string, boolean]>([
    ["MAJOR", MAJOR, "1.0.0", true],
    ["MAJOR", MAJOR, "0.2.0", false],
    ["MAJOR", MAJOR, "0.1.0", false],
    ["MINOR", MINOR, "0.2.0", true],
    ["MINOR", MINOR, "1.0.0", true],
    ["MINOR", MINOR, "0.1.1", false],
    ["PATCH", PATCH, "0.1.1", true],
    ["PATCH", PATCH, "0.1.0", true],
    ["no", { ...PATCH, change: () => {} }, "0.1.0", true],
    ["no", { ...PATCH, change: () => {} }, "0.0.9", false],
    ["PATCH", PATCH, "next", false],
  ])("with %s changes, 0.1.0 → $2 passes: $3", (_, row, version, passes) => {
    const after = loadContract(edited((producer, consumer) => {
      row.change(producer.components.schemas, producer, consumer);
      producer.info.version = version;
    }));
    const old = loadContract(edited((producer) => producer.info.version = "0.1.0"));
    const changes = diffContracts({ contract: old, pacts }, { contract: after, pacts });
    const problems = versionProblems({ contract: old }, { contract: after }, changes).filter(({ document }) =>
      document === "asyncapi.yaml"
    );
    expect(problems.length === 0).toBe(passes);
  });
});
