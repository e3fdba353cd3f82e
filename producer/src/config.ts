import process from "node:process";
import * as v from "valibot";
import type { ArriveLead } from "./domain/earliest-step.ts";
import type { TokenIssuer } from "./http/verify-token.ts";
import { type apiKey, variables } from "./environment.ts";

/** Thrown with every problem that was found, so that one start shows them all. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** All of a group, or none. */
const groups = [
  ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL"],
  ["DATABASE_CERT_FILE", "DATABASE_KEY_FILE"],
  ["AMQP_CERT_FILE", "AMQP_KEY_FILE"],
] as const;

/** Beside the schema, which looks at a whole only when all of its parts are right. */
function incompleteGroups(given: Readonly<Record<string, unknown>>): string[] {
  return groups.flatMap((group) => {
    const missing = group.filter((name) => given[name] === undefined);
    if (missing.length === 0 || missing.length === group.length) return [];
    return [`${missing.join(" and ")}: needed, because ${group.join(", ")} go together`];
  });
}

export type ApiKey = v.InferOutput<typeof apiKey>;
export type Config = v.InferOutput<typeof variables>;

/** Reads the whole configuration, or throws a ConfigError that names every wrong variable. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = v.safeParse(variables, given);
  const problems = [...(result.issues ?? []).map(describe), ...incompleteGroups(given)];
  if (result.success && problems.length === 0) return result.output;
  throw new ConfigError(problems);
}

function describe(issue: v.BaseIssue<unknown>): string {
  const [variable, ...path] = issue.path?.map((item) => String(item.key)) ?? [];
  const where = path.length > 0 ? `${variable} at ${path.join(".")}` : variable;
  return `${where}: ${issue.input === undefined ? "is required" : issue.message}`;
}

/** The issuer whose tokens are accepted, if anybody does. */
export function tokenIssuer(config: Config): TokenIssuer | undefined {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_URL: jwksUrl } = config;
  const { JWT_SCOPE_CLAIMS: scopeClaims, JWT_LEEWAY_SECONDS: leewaySeconds } = config;
  return issuer && audience && jwksUrl ? { issuer, audience, jwksUrl, scopeClaims, leewaySeconds } : undefined;
}

/** From when on a patient may be taken as arrived. */
export function arriveLead({ ARRIVE_LEAD_MINUTES: minutes }: Config): ArriveLead {
  return minutes === undefined ? "local-day" : { minutes };
}

/** The configuration of this process; prints what is wrong with it and exits. */
export function configure(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
