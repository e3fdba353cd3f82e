import type { Command } from "./command.ts";
import { project } from "./project.ts";

/** What needs the documents, the pacts and git alone, and so works for any project. */
const ANYWHERE = ["agree", "definitions", "diff", "drift", "fields", "generate", "validate"];

/** Every command by its name, loaded when it is called for: some bring a broker client or Pact along. */
const ALL: Record<string, () => Promise<Command>> = {
  generate: async () => (await import("./commands/generate.ts")).generate,
  validate: async () => (await import("./commands/validate.ts")).validate,
  definitions: async () => (await import("./commands/definitions.ts")).definitions,
  kubernetes: async () => (await import("./commands/kubernetes.ts")).kubernetes,
  pact: async () => (await import("./commands/pact.ts")).pact,
  prove: async () => (await import("./commands/prove.ts")).prove,
  agree: async () => (await import("./commands/agree.ts")).agree,
  diff: async () => (await import("./commands/diff.ts")).diff,
  drift: async () => (await import("./commands/drift.ts")).drift,
  fields: async () => (await import("./commands/fields.ts")).fields,
  fuzz: async () => (await import("./commands/fuzz.ts")).fuzz,
  mutate: async () => (await import("./commands/mutate.ts")).mutate,
  release: async () => (await import("./commands/release.ts")).release,
  replay: async () => (await import("./commands/replay.ts")).replay,
  "can-i-deploy": async () => (await import("./commands/can-i-deploy.ts")).canIDeploy,
  "record-deployment": async () => (await import("./commands/record-deployment.ts")).recordDeployment,
  publish: async () => (await import("./commands/publish.ts")).publish,
};

/** Those of the project: the others start the services. */
export const COMMANDS = Object.fromEntries(
  Object.entries(ALL).filter(([name]) => project.services || ANYWHERE.includes(name)),
);

export async function loadAll(): Promise<Record<string, Command>> {
  const loaded = Object.entries(COMMANDS).map(async ([name, load]): Promise<[string, Command]> => [name, await load()]);
  return Object.fromEntries(await Promise.all(loaded));
}
