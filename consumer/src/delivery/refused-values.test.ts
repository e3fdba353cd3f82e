import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jobs } from "../generated/jobs.ts";
import { readEvent } from "./message.ts";
import { PermanentError } from "./permanent-error.ts";

type Value = unknown;

const document = JSON.parse(readFileSync(new URL("../generated/asyncapi.json", import.meta.url), "utf8"));
const examples: Record<string, Value>[] = Object.values<{ examples: { payload: Record<string, Value> }[] }>(
  document.components.messages,
).flatMap((message) => message.examples.map(({ payload }) => payload));

const marker = "Jane Marker";
/** A text of each kind that a schema may refuse, and the value where no text belongs. */
const refused: Value[] = [
  marker,
  `${marker}`.repeat(30),
  `0170 1234567 (${marker}, ward 7)`,
  { [marker]: marker },
  [marker],
  [{ note: marker }],
];

/** The same value with one member, at whatever depth, replaced by each of the refused ones. */
function* withOneReplaced(value: Value): Generator<Value> {
  yield* refused;
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    for (const other of withOneReplaced(member)) {
      yield Array.isArray(value) ? value.with(Number(name), other) : { ...value, [name]: other };
    }
  }
}

test.each(Object.keys(jobs) as (keyof typeof jobs)[])(
  "whatever %s refuses of an event, what is said of it holds the expectation and not the value",
  (job) => {
    let refusals = 0;
    for (const example of examples) {
      for (const body of withOneReplaced(example)) {
        try {
          readEvent(job, { content: Buffer.from(JSON.stringify(body)), properties: { messageId: marker } });
        } catch (error) {
          if (!(error instanceof PermanentError)) throw error;
          refusals++;
          expect(`${error.message} ${error.reason}`).not.toContain("Marker");
        }
      }
    }
    expect(refusals).toBeGreaterThan(100);
  },
);
