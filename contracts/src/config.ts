import { posix } from "node:path";
import * as v from "valibot";
import type { Services } from "./services.ts";

const name = v.pipe(v.string(), v.nonEmpty("must not be empty"));

/** A path from the project's root. */
const path = v.pipe(
  name,
  v.check((text) => !posix.isAbsolute(text) && !text.split("/").includes(".."), "must be a path inside of the project"),
);

/** Both services' AsyncAPI documents, and where what belongs to them is. */
export const ConfigSchema = v.strictObject({
  documents: v.strictObject({ producer: path, consumer: path }),
  /** The folders that `generate` writes, and the module that has the checks of formats, as generated code imports it. */
  generated: v.strictObject({ producer: path, consumer: path, formats: v.optional(name, "../formats.ts") }),
  /** A job's pact is of `consumerPrefix` and the operation's name. */
  pacts: v.strictObject({ folder: path, provider: name, consumerPrefix: v.optional(v.string(), "") }),
  /**
   * Where each body says which event it is, in which version and what happened, and all fields that every reader relies on.
   * Without an envelope the body is what happened, and its message is named after its routing key.
   */
  envelope: v.optional(v.strictObject({ name, version: name, payload: name, fields: v.array(name) })),
  /** What the names of dead-letter and retry queues begin with, before the stem. */
  queuePrefix: v.optional(v.string(), ""),
  releases: v.optional(path, "contracts/releases"),
  /** Names the release that the consumer's code is generated from. */
  lock: v.optional(path, "contract.lock"),
  /** The broker's definitions, as `definitions` writes them. */
  definitions: v.optional(path, "rabbitmq-definitions.json"),
  openapi: v.optional(path, "openapi.json"),
  changelog: v.optional(path, "CHANGELOG.md"),
  /** Loads what starts the services and brings provider states about; without it the commands that need that are left out. */
  services: v.optional(
    v.custom<() => Promise<{ services: Services }>>(
      (given) => typeof given === "function",
      'must be a function, such as () => import("./services.ts")',
    ),
  ),
});

export type Config = v.InferInput<typeof ConfigSchema>;

/** What a `contracts.config.ts` exports by default. */
export function defineConfig(config: Config): Config {
  return config;
}
