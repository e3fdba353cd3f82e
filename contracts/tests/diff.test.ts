import { describe, expect, it } from "vitest";
import { type Contract, jobs, loadContract, sentEvents } from "../src/contract.ts";
import { diffContracts } from "../src/diff/diff.ts";
import { versionProblems } from "../src/diff/version.ts";
import { arrayAt, at, type Json, type JsonObject } from "../src/json.ts";
import { readPacts } from "../src/pact-files.ts";
import { parsePacts } from "../src/pacts.ts";
import { describeChange } from "../src/render/diff.ts";
import { closed, compile } from "../src/schema-validator.ts";
import { readerSchema } from "../template/src/reader-schema.mjs";
import { MESSAGE_ROWS, type Row } from "./diff-table.ts";
import { TOPOLOGY_ROWS } from "./diff-table-topology.ts";
import { mutations } from "./support/mutations.ts";
import { edited, FIXTURE } from "./support/project.ts";

const pacts = parsePacts(readPacts(FIXTURE));
const before = loadContract(edited(() => {}));
const JOBS = jobs(before).map(({ name }) => name);

function afterwards({ change }: Row): Contract {
  return loadContract(edited((producer, consumer) => {
    change(producer.components.schemas, producer, consumer);
  }));
}

/** The gravest change that the row's pattern speaks of. */
function verdictOf(row: Row) {
  const after = afterwards(row);
  const changes = diffContracts({ contract: before, pacts }, { contract: after, pacts: [] });
  const change = changes.find((change) =>
    (row.event === undefined || change.event === undefined || change.event === row.event) &&
    row.says.test(describeChange(change, JOBS))
  );
  return { after, changes, change, said: changes.map((change) => `${change.verdict} ${describeChange(change, JOBS)}`) };
}

describe("the table of small changes", () => {
  it("has at least 60 rows", () => {
    expect(Object.keys({ ...MESSAGE_ROWS, ...TOPOLOGY_ROWS }).length).toBeGreaterThanOrEqual(60);
  });

  it("starts from a contract that does not differ from itself", () => {
    expect(diffContracts({ contract: before, pacts }, { contract: before, pacts })).toEqual([]);
  });

  it.each(Object.entries({ ...MESSAGE_ROWS, ...TOPOLOGY_ROWS }))("%s", (_, row) => {
    const { change, said, changes } = verdictOf(row);
    expect(said).toContainEqual(expect.stringMatching(new RegExp(row.says.source.replace("^", `^${row.verdict} `))));
    if (row.breaks !== undefined) expect(change?.breaks.map(({ job }) => job)).toEqual(row.breaks);
    if (row.verdict !== "MAJOR") expect(changes.filter(({ verdict }) => verdict === "MAJOR")).toEqual([]);
  });
});

interface Broken {
  everybody: boolean;
  jobs: string[];
}

/**
 * What really happens: messages that each side may send, held against what the other side's readers accept. The
 * subscribers of whom nothing is known take the document's schema, the jobs what they read of it.
 */
function reallyBroken(after: Contract, eventName: string): Broken {
  const [old, now] = [before, after].map((contract) => {
    const event = sentEvents(contract).find((sent) => sent.eventName === eventName);
    if (event === undefined) throw new Error(`no event ${eventName}`);
    return { event, contract };
  });
  if (old === undefined || now === undefined) throw new Error("two sides");
  const pool = [old, now].flatMap(({ event }) =>
    arrayAt(event.message, "examples").map((one) => at(one, "payload") ?? null)
  )
    .flatMap((example) => [example, ...[...mutations(example)].map(({ value }) => value)]);
  const [byOld, byNew] = [old, now].map(({ event }) => {
    const sends = compile(closed(event.payload));
    return pool.filter((message) => sends(message));
  });
  const refuses = (schema: JsonObject, messages: Json[] = []) => {
    const accepts = compile(schema);
    return messages.some((message) => !accepts(message));
  };
  return {
    everybody: refuses(old.event.payload, byNew) || refuses(now.event.payload, byOld),
    jobs: JOBS.filter((name) => {
      const schema = (side: typeof old) => readerOf(side.contract, name, side.event.id, side.event.payload);
      const [oldReader, newReader] = [schema(old), schema(now)];
      return (oldReader !== undefined && refuses(oldReader, byNew)) ||
        (newReader !== undefined && refuses(newReader, byOld));
    }),
  };
}

function readerOf(contract: Contract, name: string, eventId: string, payload: JsonObject): JsonObject | undefined {
  const reads = jobs(contract).find((job) => job.name === name)?.reads[eventId];
  return reads === undefined ? undefined : readerSchema(payload, reads);
}

describe("messages of the one side and schemas of the other confirm", () => {
  it.each(Object.entries(MESSAGE_ROWS))("%s", (_, row) => {
    const { after, changes } = verdictOf(row);
    const { everybody, jobs } = reallyBroken(after, row.event ?? "");
    // Without an optional field a message is still valid for a job that reads it: it is missed, not refused.
    const said = changes.filter(({ verdict, event, what }) =>
      verdict === "MAJOR" && event === row.event && !what.endsWith("removed, was optional")
    );
    const saidJobs = JOBS.filter((name) => said.some(({ breaks }) => breaks.some(({ job }) => job === name)));
    expect({ everybody, jobs }).toEqual({ everybody: row.verdict === "MAJOR", jobs: saidJobs });
  });
});

describe("--check-version", () => {
  const MAJOR: Row = { change: (schemas) => schemas.Actor.minLength = 0, verdict: "MAJOR", says: /actor/ };
  const MINOR: Row = {
    change: (schemas) => schemas.AppointmentCreated.properties.tenant = { type: "string" },
    verdict: "MINOR",
    says: /tenant/,
  };
  const PATCH: Row = { change: (schemas) => schemas.Actor.description = "x", verdict: "PATCH", says: /words/ };

  it.each<[string, Row, string, boolean]>([
    ["MAJOR", MAJOR, "1.0.0", true],
    ["MAJOR", MAJOR, "0.2.0", false],
    ["MAJOR", MAJOR, "0.1.0", false],
    ["MINOR", MINOR, "0.2.0", true],
    ["MINOR", MINOR, "1.0.0", true],
    ["MINOR", MINOR, "0.1.1", false],
    ["PATCH", PATCH, "0.1.1", true],
    ["PATCH", PATCH, "0.1.0", false],
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
    const problems = versionProblems(old, after, changes).filter(({ document }) => document === "asyncapi.yaml");
    expect(problems.length === 0).toBe(passes);
  });
});
