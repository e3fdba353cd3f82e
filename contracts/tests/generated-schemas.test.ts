import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { type Job, jobs, loadContract, sentEvents } from "../src/contract.ts";
import { arrayAt, at, type Json, type JsonObject } from "../src/json.ts";
import { closed, compile } from "../src/schema-validator.ts";
import { workingTree } from "../src/working-tree.ts";
import { project } from "../src/project.ts";
import { readerSchema } from "../template/src/reader-schema.mjs";
import { ROOT } from "./support/project.ts";
import { mutations } from "./support/mutations.ts";

type Schemas = Record<string, v.GenericSchema>;
interface Generated {
  eventSchemas: Schemas;
  jobs: Record<string, { queue: string; events: Schemas }>;
}

const contract = loadContract(workingTree(ROOT));
const events = sentEvents(contract);
const { eventSchemas } = await load("producer/src/generated/events.ts");
const generatedJobs = (await load("consumer/src/generated/jobs.ts")).jobs;

function load(path: string): Promise<Generated> {
  return import(join(ROOT, path));
}

/** Both verdicts on an example and on everything one step away from it; they must not differ. */
function disagreements(example: Json, schema: JsonObject, generated: v.GenericSchema | undefined) {
  // By another of its versions, an event is held against the schema of that one.
  const isOtherVersion = (value: Json) =>
    at(value, "version") !== at(example, "version") &&
    events.some(({ eventName, version }) => eventName === at(value, "eventName") && version === at(value, "version"));
  const byAjv = compile(schema);
  const verdicts = { accepted: 0, refused: 0 };
  const differing: string[] = [];
  for (const { name, value } of [{ name: "the example", value: example }, ...mutations(example)]) {
    if (isOtherVersion(value)) continue;
    const accepted = byAjv(value);
    verdicts[accepted ? "accepted" : "refused"]++;
    if (generated === undefined || v.is(generated, value) !== accepted) differing.push(`${name}: ajv ${accepted}`);
  }
  return { differing, ...verdicts };
}

describe("the producer's generated schemas", () => {
  it.each(events)("accept and refuse what the document does: $eventName", ({ eventName, payload, message }) => {
    const schema = closed(payload);
    for (const example of arrayAt(message, "examples")) {
      const { differing, accepted, refused } = disagreements(
        at(example, "payload") ?? null,
        schema,
        eventSchemas[eventName],
      );
      expect(differing).toEqual([]);
      expect(accepted).toBeGreaterThan(5);
      expect(refused).toBeGreaterThan(100);
    }
  });
});

describe.each(jobs(contract))("the generated schemas of the job $name", (job: Job) => {
  it.each(job.receives)("demand what it reads of $eventName, and nothing else", ({ id, eventName, message }) => {
    const schema = readerSchema(at(message, "payload"), job.reads[id] ?? [], project.envelope);
    for (const example of arrayAt(message, "examples")) {
      const generated = generatedJobs[job.name]?.events[eventName];
      expect(disagreements(at(example, "payload") ?? null, schema, generated).differing).toEqual([]);
    }
  });

  it("are of its own queue and of nothing that it does not receive", () => {
    expect(generatedJobs[job.name]?.queue).toBe(job.queue.name);
    expect(Object.keys(generatedJobs[job.name]?.events ?? {})).toEqual([
      ...new Set(job.receives.map(({ eventName }) => eventName)),
    ]);
  });

  it("hand on the fields that it reads and drop the others", () => {
    for (const { id, eventName, message } of job.receives) {
      const example = at(arrayAt(message, "examples").at(-1), "payload");
      const schema = generatedJobs[job.name]?.events[eventName];
      if (schema === undefined) throw new Error(`${job.name} has no schema for ${eventName}`);
      const output = v.parse(schema, { ...(example as JsonObject), unheard: "of" }) as JsonObject;
      const read = [
        ...Object.keys(output),
        ...Object.keys(output.payload as JsonObject).map((key) => `payload.${key}`),
      ];
      const allowed = ["eventName", "aggregateId", "timestamp", "version", "payload", ...job.reads[id] ?? []];
      expect(read.filter((field) => !allowed.includes(field))).toEqual([]);
    }
  });
});
