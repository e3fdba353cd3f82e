import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "../mutants.ts";
import {
  calls,
  emissions,
  literals,
  messageProperties,
  type Mutation,
  numbers,
  type Operator,
  payloadValues,
} from "./code-operators.ts";
import { constraints } from "./sql-operators.ts";

interface Place {
  area: string;
  operator: Operator;
  folder: string;
  /** Of all the folder's files, where it is not said. */
  files?: string[];
  ends: string;
}

const domain = "producer/src/domain";

/** The files whose code says what an event means. */
const DECISIONS = [
  "appointment.ts",
  "book-appointment.ts",
  "change-contact.ts",
  "course-of-visit.ts",
  "doctor-changed.ts",
  "local-time.ts",
  "put-doctor.ts",
  "reopen-appointment.ts",
  "reschedule-appointment.ts",
  "retire-doctor.ts",
  "seal-event.ts",
];

const PLACES: Place[] = [
  { area: "values of payloads", operator: payloadValues, folder: domain, files: DECISIONS, ends: ".ts" },
  { area: "emissions", operator: emissions, folder: domain, files: DECISIONS, ends: ".ts" },
  { area: "emissions", operator: calls("tx"), folder: "producer/src/outbox", files: ["outbox-store.ts"], ends: ".ts" },
  {
    area: "emissions",
    operator: calls("channel.publish"),
    folder: "producer/src/amqp",
    files: ["publisher.ts"],
    ends: ".ts",
  },
  {
    area: "emissions",
    operator: calls("deps.appendEvent"),
    folder: "producer/src/postgres",
    files: ["command-path.ts"],
    ends: ".ts",
  },
  { area: "numbers", operator: numbers, folder: domain, files: DECISIONS, ends: ".ts" },
  { area: "numbers", operator: numbers, folder: "producer/src/outbox", files: ["to-message.ts"], ends: ".ts" },
  { area: "numbers", operator: numbers, folder: "producer/src/postgres", files: ["command-path.ts"], ends: ".ts" },
  {
    area: "properties of messages",
    operator: messageProperties,
    folder: "producer/src/outbox",
    files: ["to-message.ts"],
    ends: ".ts",
  },
  { area: "constraints of tables", operator: constraints, folder: "producer/migrations", ends: ".sql" },
  { area: "constraints of tables", operator: constraints, folder: "consumer/migrations", ends: ".sql" },
  { area: "generated code", operator: literals, folder: "producer/src/generated", ends: ".ts" },
  { area: "generated code", operator: literals, folder: "consumer/src/generated", ends: ".ts" },
];

/** Mutants that nobody wrote: what each operator makes of the code as it is. */
export function operatorMutants(root: string): Change[] {
  return PLACES.flatMap(({ area, operator, folder, files, ends }) =>
    (files ?? readdirSync(join(root, folder)).filter((file) => file.endsWith(ends)).sort()).flatMap((name) => {
      const file = `${folder}/${name}`;
      return operator(readFileSync(join(root, file), "utf8")).map((mutation) => change(area, file, mutation));
    })
  );
}

function change(area: string, file: string, { what, start, end, put }: Mutation): Change {
  return { area, what: `${file}:${start}: ${what}`, edits: [{ file, start, end, put }], harmless: false };
}
