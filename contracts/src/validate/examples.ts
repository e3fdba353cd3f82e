import { type Contract, PRODUCER_DOCUMENT, type SentEvent, sentEvents } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { arrayAt, at, type Json, type JsonObject, type Path } from "../json.ts";
import { project } from "../project.ts";
import { closed, violations } from "../schema-validator.ts";

/** Every message has examples, and each is what the producer, a strict writer, could really send. */
export function exampleProblems(contract: Contract): Problem[] {
  return sentEvents(contract).flatMap((event) => {
    const examples = arrayAt(event.message, "examples");
    if (examples.length === 0) return [problem(event.path, "has no example")];
    return examples.flatMap((example, index) => problemsOf(event, example, [...event.path, "examples", index]));
  });
}

function problemsOf(event: SentEvent, example: Json, path: Path): Problem[] {
  const problems = [
    ...check(closed(event.payload), [...event.path, "payload"], at(example, "payload"), [...path, "payload"]),
    ...check(closed(event.headers), [...event.path, "headers"], at(example, "headers"), [...path, "headers"]),
  ];
  const header = at(example, "headers", "x-event-version");
  const version = at(example, "payload", project.envelope?.version ?? "");
  if (project.envelope && header !== version) {
    const reason = `is ${JSON.stringify(header)}, but the version in the body is ${JSON.stringify(version)}`;
    problems.push(problem([...path, "headers", "x-event-version"], reason));
  }
  return problems;
}

function check(schema: JsonObject, schemaPath: Path, value: Json | undefined, path: Path): Problem[] {
  try {
    return violations(schema, value).map((violation) => problem([...path, ...violation.path], violation.reason));
  } catch (error) {
    return [problem(schemaPath, error instanceof Error ? error.message : String(error))];
  }
}

function problem(path: Path, reason: string): Problem {
  return { document: PRODUCER_DOCUMENT, path, reason };
}
