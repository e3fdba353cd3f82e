import process from "node:process";
import * as v from "valibot";
import type { ArriveLead } from "./domain/earliest-step.ts";
import type { TokenIssuer } from "./http/verify-token.ts";
import { type apiKey, variables } from "./environment.ts";
import { databaseSecurity, plainHosts } from "./plain-addresses.ts";
import { type Tls, tlsOf } from "./tls.ts";

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
  ["TLS_CERT_FILE", "TLS_KEY_FILE"],
  ["DATABASE_CERT_FILE", "DATABASE_KEY_FILE"],
  ["AMQP_CERT_FILE", "AMQP_KEY_FILE"],
  ["PATIENT_KEYS_URL", "PATIENT_KEYS_SECRET", "PATIENT_KEYS_MASTER"],
] as const;

/** Every address that the service itself connects to. */
const addressVariables = [
  "DATABASE_URL",
  "PATIENT_KEYS_URL",
  "AMQP_URL",
  "JWT_JWKS_URL",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
] as const;

/** Beside the schema, which looks at a whole only when all of its parts are right. */
function incompleteGroups(given: Readonly<Record<string, unknown>>): string[] {
  return groups.flatMap((group) => {
    const missing = group.filter((name) => given[name] === undefined);
    if (missing.length === 0 || missing.length === group.length) return [];
    return [`${missing.join(" and ")}: needed, because ${group.join(", ")} go together`];
  });
}

/** The certificates for PostgreSQL, if there are any. */
export function databaseTls(config: Config): Tls | undefined {
  return tlsOf(config.DATABASE_CA_FILE, config.DATABASE_CERT_FILE, config.DATABASE_KEY_FILE);
}

/** Addresses without TLS to hosts that nobody has allowed; a wrong address is a problem of its own. */
function plainAddresses(given: Readonly<Record<string, unknown>>): string[] {
  const { DATABASE_CA_FILE: ca, DATABASE_CERT_FILE: cert } = given;
  const hasCertificates = ca !== undefined || cert !== undefined;
  const allowed = v.parse(variables.entries.PLAINTEXT_HOSTS, given.PLAINTEXT_HOSTS);
  return addressVariables.flatMap((name) => {
    const read = v.safeParse(variables.entries[name], given[name]);
    const urls = read.success ? [read.output ?? []].flat() : [];
    const hosts = urls.flatMap((url) => plainHosts(url, hasCertificates));
    return [...new Set(hosts)].filter((host) => !allowed.includes(host))
      .map((host) => `${name}: has no TLS to ${host}; PLAINTEXT_HOSTS has to name ${host} where that is meant`);
  });
}

/** What works, and is less than it looks. */
export function warningsOf(config: Config): string[] {
  return databaseSecurity(config.DATABASE_URL, databaseTls(config) !== undefined) === "unverified"
    ? ["DATABASE_URL: sslmode=require without DATABASE_CA_FILE takes any server's certificate; set it, or verify-full"]
    : [];
}

export type ApiKey = v.InferOutput<typeof apiKey>;
export type Config = v.InferOutput<typeof variables>;

/** Reads the whole configuration, or throws a ConfigError that names every wrong variable. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = v.safeParse(variables, given);
  const problems = [...(result.issues ?? []).map(describe), ...incompleteGroups(given), ...plainAddresses(given)];
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
