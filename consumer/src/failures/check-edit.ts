import { Buffer } from "node:buffer";
import { readEvent } from "../delivery/message.ts";
import type { DeadLetter } from "../delivery/dead-letters/dead-letter-store.ts";
import type { JobName } from "../generated/jobs.ts";
import { errorText } from "../telemetry/error-text.ts";
import { contractProblems } from "./contract-schema.ts";

/** What says which event it is: with another value it is another event, and no edit of this one. */
const identity = ["eventId", "eventName", "aggregateId", "aggregateVersion"] as const;

export type CheckedEdit =
  | { problems: string[] }
  | { problems?: never; body: Buffer; paths: string[] };

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? body as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/** The paths at which two values differ. */
export function changedPaths(before: unknown, after: unknown, path = ""): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const isBranch = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isBranch(before) || !isBranch(after)) return [path || "body"];
  const [one, other] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .flatMap((name) => changedPaths(one[name], other[name], path === "" ? name : `${path}.${name}`));
}

/**
 * Whether the edited body may go back to its job: it is the same event, it is what the contract's whole schema says, and
 * the job's reader takes it. What the reader demands is what the job's pact expects (`contracts agree`).
 */
export async function checkEdit(letter: DeadLetter, text: string): Promise<CheckedEdit> {
  const edited = parse(text);
  if (!edited) return { problems: ["It is not a JSON object"] };
  const original = parse(new TextDecoder().decode(letter.body));
  const moved = identity.filter((name) => original?.[name] !== undefined && original[name] !== edited[name])
    .filter((name) => isSound(original, name));
  // Formatted or not, it is the same event with the same key where that is made of the bytes.
  const body = Buffer.from(JSON.stringify(edited));
  const paths = original ? changedPaths(original, edited) : ["body"];
  const problems = [
    ...(paths.length === 0 ? ["Nothing is changed: replay it as it is"] : []),
    ...moved.map((name) => `${name} must stay: with another value it is another event`),
    ...(await contractProblems(edited)).map((problem) => `By the contract: ${problem}`),
    ...readerProblems(letter, body),
  ];
  return problems.length > 0 ? { problems } : { body, paths };
}

/** One that is wrong by its form is what the edit may be about. */
function isSound(body: Record<string, unknown> | undefined, name: string): boolean {
  return name === "aggregateVersion" ? Number.isSafeInteger(body?.[name]) : typeof body?.[name] === "string";
}

function readerProblems({ job, properties }: DeadLetter, content: Buffer): string[] {
  try {
    readEvent(job as JobName, { content, properties: properties as object });
    return [];
  } catch (error) {
    return [`The job ${job} does not take it: ${errorText(error)}`];
  }
}
