import type { Path } from "../json.ts";
import type { Change } from "./change.ts";

type Lesser = "MINOR" | "PATCH";

/** Why a change is less than MAJOR. What none of these excuses is MAJOR: `diff` fails closed. */
export const LESSER = {
  optionalField: ["MINOR", "readers ignore fields that they do not know"],
  unreadField: ["MINOR", "no job reads it"],
  openness: ["MINOR", "readers ignore undeclared fields either way"],
  deprecated: ["MINOR", "it goes on being sent"],
  unboundEvent: ["MINOR", "no queue is bound to its routing key"],
  addedVersion: [
    "MINOR",
    "a job that does not know the version keeps it among its dead letters: release the consumer first, or replay them " +
    "when it is upgraded",
  ],
  server: ["MINOR", "where the broker is, each service is told by its settings"],
  safer: ["MINOR", "messages are lost less easily than before"],
  addedJob: ["MINOR", "nobody else takes from its queue"],
  addedBinding: ["MINOR", "the queue gets more, and the others what they got"],
  received: ["MINOR", "a job takes what came anyway"],
  read: ["MINOR", "a job reads what is promised already"],
  unread: ["MINOR", "a job relies on less"],
  addedRetry: ["MINOR", "its queue is declared when the consumer starts"],
  acceptance: ["MINOR", "the data came already"],
  addedOperation: ["MINOR", "nobody calls it yet"],
  optionalInput: ["MINOR", "who leaves it out is served as before"],
  wider: ["MINOR", "what was taken before still is"],
  narrower: ["MINOR", "callers get nothing that they did not get before"],
  addedAnswer: ["MINOR", "callers ignore what they do not know"],
  addedProblem: ["MINOR", "callers take a status that they do not know for its class (RFC 9110, 15)"],
  renamedJob: ["PATCH", "its queue stays; inbox and pact are kept under the job's name: rename them with it"],
  meaning: ["PATCH", "its meaning may have changed: a new line of CHANGELOG.md has to name it"],
  words: ["PATCH", "words only"],
  notation: ["PATCH", "it says the same in another way, or nothing refers to it"],
} as const satisfies Record<string, readonly [Lesser, string]>;

export type Rule = keyof typeof LESSER;

/** A change that a rule excuses. */
export function lesser(rule: Rule, document: string, path: Path, what: string): Change {
  const [verdict, because] = LESSER[rule];
  return { verdict, rule, document, path, what, breaks: [], because };
}
