import process from "node:process";
import * as v from "valibot";
import { tlsVariables } from "./tls.ts";

/** Thrown with every problem that was found, so that one start shows them all. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** A whole number written in decimal digits. */
function integer(minimum: number, maximum: number) {
  const expected = `expected a whole number from ${minimum} to ${maximum}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,10}$/, expected),
    v.transform(Number),
    v.minValue(minimum, expected),
    v.maxValue(maximum, expected),
  );
}

function hasProtocol(url: string, ...protocols: string[]): boolean {
  return URL.canParse(url) && protocols.includes(new URL(url).protocol);
}

export const scopes = [
  "appointments:read",
  "appointments:write",
  "appointments:overbook",
  "doctors:write",
  "ops",
] as const;
export type Scope = (typeof scopes)[number];

export function isScope(name: string): name is Scope {
  return (scopes as readonly string[]).includes(name);
}

const apiKey = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,128}$/, "expected 1 to 128 visible ASCII characters")),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "expected the key's SHA-256 in lower-case hex")),
  scopes: v.array(v.picklist(scopes)),
});

const apiKeys = v.pipe(v.string(), v.parseJson(undefined, "expected a JSON array"), v.array(apiKey));

const amqpUrls = v.pipe(
  v.string(),
  v.transform((urls) => urls.split(",").map((url) => url.trim())),
  v.array(
    v.pipe(v.string(), v.check((url) => hasProtocol(url, "amqp:", "amqps:"), "expected amqp:// or amqps:// URLs")),
  ),
);

const httpUrl = v.pipe(v.string(), v.check((url) => hasProtocol(url, "http:", "https:"), "expected an http(s):// URL"));

const origins = v.pipe(
  v.string(),
  v.transform((list) => list.split(",").map((origin) => origin.trim())),
  v.array(
    v.pipe(
      v.string(),
      v.check(
        (origin) => URL.canParse(origin) && new URL(origin).origin === origin,
        "expected origins such as https://desk.example.org",
      ),
    ),
  ),
);

const variables = v.object({
  HOST: v.optional(v.pipe(v.string(), v.minLength(1)), "127.0.0.1"),
  PORT: v.optional(integer(0, 65_535), "3000"),
  DATABASE_URL: v.pipe(
    v.string("is required"),
    v.check((url) => hasProtocol(url, "postgres:", "postgresql:"), "expected a postgres:// URL"),
  ),
  ...tlsVariables("DATABASE"),
  AMQP_URL: v.pipe(v.string("is required"), amqpUrls),
  ...tlsVariables("AMQP"),
  API_KEYS: v.optional(apiKeys, "[]"),
  JWT_ISSUER: v.optional(v.string()),
  JWT_AUDIENCE: v.optional(v.string()),
  JWT_JWKS_URL: v.optional(httpUrl),
  RATE_LIMIT_PER_SECOND: v.optional(integer(0, 1_000_000), "1000"),
  CORS_ORIGINS: v.optional(origins),
  LOG_LEVEL: v.optional(v.picklist(["trace", "debug", "info", "warn", "error", "fatal", "silent"]), "info"),
  RELAY_BATCH_SIZE: v.optional(integer(1, 10_000), "100"),
  RELAY_POLL_MS: v.optional(integer(10, 60_000), "1000"),
  RELAY_CONFIRM_TIMEOUT_MS: v.optional(integer(100, 60_000), "5000"),
  ARCHIVE_RETENTION_DAYS: v.optional(integer(1, 36_500), "400"),
  SHUTDOWN_TIMEOUT_MS: v.optional(integer(100, 600_000), "10000"),
});

/** All of a group, or none. */
const groups = [
  ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL"],
  ["DATABASE_CERT_FILE", "DATABASE_KEY_FILE"],
  ["AMQP_CERT_FILE", "AMQP_KEY_FILE"],
] as const;

const environment = v.pipe(
  variables,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const group of groups) {
      const missing = group.filter((name) => dataset.value[name] === undefined);
      if (missing.length === 0 || missing.length === group.length) continue;
      addIssue({ message: `${missing.join(" and ")}: needed, because ${group.join(", ")} go together` });
    }
  }),
);

export type ApiKey = v.InferOutput<typeof apiKey>;
export type Config = v.InferOutput<typeof environment>;

/** Reads the whole configuration, or throws a ConfigError that names every wrong variable. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = v.safeParse(environment, given);
  if (result.success) return result.output;
  throw new ConfigError(
    result.issues.map((issue) => {
      const [variable, ...path] = issue.path?.map((item) => String(item.key)) ?? [];
      const where = path.length > 0 ? `${variable} at ${path.join(".")}` : variable;
      if (!variable) return issue.message;
      return `${where}: ${issue.input === undefined ? "is required" : issue.message}`;
    }),
  );
}

/** Who issues the tokens that are accepted, if anybody does. */
export function tokenIssuer(config: Config): { issuer: string; audience: string; jwksUrl: string } | undefined {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_URL: jwksUrl } = config;
  return issuer && audience && jwksUrl ? { issuer, audience, jwksUrl } : undefined;
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
