import { createHash } from "node:crypto";
import type { BlockList } from "node:net";
import * as v from "valibot";
import { hasReadableCredentials } from "./amqp/broker-credentials.ts";
import { readNetworks } from "./http/client-address.ts";
import { readDatabaseAddress } from "./postgres/database-address.ts";
import { masterKeysVariable } from "./patient-keys/master-keys-variable.ts";
import { scopes } from "./scopes.ts";
import { isIdentifier } from "./telemetry/error-text.ts";
import { keysCaVariable, pemFile, tlsVariables } from "./tls.ts";

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

/** What `printf %s "$KEY" | sha256sum` says where KEY is not set. */
const digestOfNothing = createHash("sha256").digest("hex");

export const apiKey = v.strictObject({
  name: v.pipe(
    v.string(),
    v.check(
      (name) => isIdentifier(name) && !name.startsWith("token:"),
      "expected 1 to 128 visible ASCII characters, neither an address nor a phone number, that don't begin with token:",
    ),
  ),
  sha256: v.pipe(
    v.string(),
    v.regex(/^[0-9a-f]{64}$/, "expected the key's SHA-256 in lower-case hex"),
    v.check((digest) => digest !== digestOfNothing, "expected the SHA-256 of a key, and this is that of an empty one"),
  ),
  scopes: v.array(v.picklist(scopes)),
});

const apiKeys = v.pipe(v.string(), v.parseJson(undefined, "expected a JSON array"), v.array(apiKey));

const amqpUrls = v.pipe(
  v.string(),
  v.transform((urls) => urls.split(",").map((url) => url.trim())),
  v.array(
    v.pipe(
      v.string(),
      v.check((url) => hasProtocol(url, "amqp:", "amqps:"), "expected amqp:// or amqps:// URLs"),
      v.check(
        (url) => !URL.canParse(url) || hasReadableCredentials(url),
        "expected the user and the password percent-encoded as UTF-8",
      ),
    ),
  ),
);

const databaseUrl = v.rawCheck<string>(({ dataset, addIssue }) => {
  if (!dataset.typed) return;
  try {
    readDatabaseAddress(dataset.value);
  } catch (error) {
    addIssue({ message: (error as Error).message });
  }
});

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

const networks = v.pipe(
  v.string(),
  v.rawTransform<string, BlockList>(({ dataset, addIssue, NEVER }) => {
    try {
      return readNetworks(dataset.value);
    } catch {
      addIssue({ message: "expected IP addresses and networks such as 10.0.0.0/8,fd00::/8" });
      return NEVER;
    }
  }),
);

const claims = v.pipe(
  v.string(),
  v.transform((list) => list.split(",").map((claim) => claim.trim())),
  v.array(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,128}$/, "expected names of claims such as scope,scp"))),
);

const hostNames = v.pipe(
  v.string(),
  v.transform((list) => list.split(",").map((host) => host.trim().toLowerCase()).filter((host) => host !== "")),
);

/** The text is what `producer describe` and the documentation say of a variable. */
const described = <Schema extends v.GenericSchema<unknown, unknown>>(text: string, schema: Schema) =>
  v.pipe(schema, v.description(text));

/** Every variable of the environment. */
export const variables = v.object({
  HOST: described("The address to listen on", v.optional(v.pipe(v.string(), v.minLength(1)), "127.0.0.1")),
  PORT: described("The port to listen on; 0 takes a free one", v.optional(integer(0, 65_535), "3000")),
  TLS_CERT_FILE: pemFile("The certificate of that port, which then speaks HTTPS only (PEM)"),
  TLS_KEY_FILE: pemFile("The private key of that certificate (PEM)"),
  PROBE_HOST: described(
    "The address to listen on for /livez, /readyz and /metrics, where PROBE_PORT is set",
    v.optional(v.pipe(v.string(), v.minLength(1)), "127.0.0.1"),
  ),
  PROBE_PORT: described(
    "The port of /livez, /readyz and /metrics, without TLS; 0 takes a free one. Without it they are on PORT, for everybody",
    v.optional(integer(0, 65_535)),
  ),
  DATABASE_URL: described(
    "The producer's PostgreSQL database: one server, several of which the primary is taken, or a socket's folder",
    v.pipe(v.string("is required"), databaseUrl),
  ),
  DATABASE_POOLED: described(
    "true where DATABASE_URL leads to a pooler such as PgBouncer, in session or transaction mode",
    v.optional(v.pipe(v.picklist(["true", "false"]), v.transform((value) => value === "true")), "false"),
  ),
  DATABASE_SCHEMA: described(
    "The schema of the tables, whatever search_path says; it is created if the role may",
    v.optional(v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]{0,62}$/, "expected a lower-case name")), "public"),
  ),
  DATABASE_POOL: described(
    "Max connections for requests; the relay takes up to two more, and a migration at the start one",
    v.optional(integer(1, 1_000), "20"),
  ),
  ...tlsVariables("DATABASE"),
  PATIENT_KEYS_URL: described(
    "The PostgreSQL database of patients' keys, apart from every other; without it events are published in the plain form",
    v.optional(v.pipe(v.string(), databaseUrl)),
  ),
  PATIENT_KEYS_CA_FILE: keysCaVariable(),
  PATIENT_KEYS_SECRET: described(
    "The secret by which a patient's key is found from the address: an HMAC key of 32 characters or more, never changed",
    v.optional(v.pipe(v.string(), v.minLength(32, "expected at least 32 characters"))),
  ),
  PATIENT_KEYS_MASTER: described(
    "The master keys that wrap patients' keys, NAME:KEY with commas between; the first wraps, the others are former ones",
    v.optional(masterKeysVariable),
  ),
  AMQP_URL: described(
    "One broker, or the nodes of a cluster with commas between",
    v.pipe(v.string("is required"), amqpUrls),
  ),
  ...tlsVariables("AMQP"),
  PLAINTEXT_HOSTS: described(
    "Hosts besides this machine that databases, brokers and web servers may be talked to without TLS, with commas between; " +
      "an address without TLS to any other stops the start",
    v.optional(hostNames, ""),
  ),
  API_KEYS: described(
    "The API keys: a JSON array of {name, sha256, scopes}, with the SHA-256 of each key instead of the key",
    v.optional(apiKeys, "[]"),
  ),
  JWT_ISSUER: described("The issuer whose tokens are accepted", v.optional(v.string())),
  JWT_AUDIENCE: described("The audience that tokens must be issued for", v.optional(v.string())),
  JWT_JWKS_URL: described("The URL of the issuer's keys (JWKS)", v.optional(httpUrl)),
  JWT_SCOPE_CLAIMS: described(
    "The claims of a token that hold scopes, with commas between, each a text or a list; Entra's roles and Auth0's " +
      "permissions can be among them",
    v.optional(claims, "scope,scp"),
  ),
  JWT_LEEWAY_SECONDS: described(
    "How far the issuer's clock may be from this one, in both directions",
    v.optional(integer(0, 600), "60"),
  ),
  RATE_LIMIT_PER_SECOND: described(
    "Max requests of one caller to this instance per second; 0 means no limit",
    v.optional(integer(0, 1_000_000), "1000"),
  ),
  ANONYMOUS_RATE_LIMIT_PER_SECOND: described(
    "Max requests without a known key or token from one address to this instance per second; 0 means no limit",
    v.optional(integer(0, 1_000_000), "100"),
  ),
  TRUSTED_PROXIES: described(
    "The IP addresses and networks of proxies whose X-Forwarded-For tells where a request comes from, with commas between",
    v.optional(networks),
  ),
  CORS_ORIGINS: described(
    "The origins of web pages that may call (CORS), with commas between; without it none may",
    v.optional(origins),
  ),
  ARRIVE_LEAD_MINUTES: described(
    "From how many minutes before a visit /arrive is accepted; without it from the start of the visit's local day",
    v.optional(integer(0, 10_080)),
  ),
  LOG_LEVEL: described(
    "The lowest level of log lines that are written",
    v.optional(v.picklist(["trace", "debug", "info", "warn", "error", "fatal", "silent"]), "info"),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: described(
    "The OpenTelemetry collector that traces are sent to, over OTLP/HTTP; without it there are none",
    v.optional(httpUrl),
  ),
  RELAY_BATCH_SIZE: described(
    "Max events of a batch; two batches are under way at a time",
    v.optional(integer(1, 10_000), "500"),
  ),
  RELAY_POLL_MS: described(
    "How often the outbox is polled for events that another instance wrote",
    v.optional(integer(10, 60_000), "1000"),
  ),
  RELAY_LEASE_MS: described(
    "How long the lease of a relay lasts: when its process has died, another one publishes after that time",
    v.optional(integer(500, 60_000), "5000"),
  ),
  RELAY_CONFIRM_TIMEOUT_MS: described(
    "Max time to wait for a publisher confirm",
    v.optional(integer(100, 60_000), "5000"),
  ),
  TOPOLOGY_CHECK_MS: described(
    "How often the exchange is declared again, in case somebody deleted it",
    v.optional(integer(1_000, 600_000), "30000"),
  ),
  ARCHIVE_RETENTION_DAYS: described("How long confirmed events can be replayed", v.optional(integer(1, 36_500), "400")),
  APPOINTMENT_RETENTION_DAYS: described(
    "How long appointments are kept after their end; without it for ever",
    v.optional(integer(1, 36_500)),
  ),
  DOCTOR_RETENTION_DAYS: described(
    "How long retired doctors without appointments are kept; without it for ever",
    v.optional(integer(1, 36_500)),
  ),
  KEEP_ALIVE_TIMEOUT_MS: described(
    "How long a connection that nobody uses stays open: longer than a proxy in front of it keeps one",
    v.optional(integer(1_000, 3_600_000), "75000"),
  ),
  SHUTDOWN_TIMEOUT_MS: described(
    "Max time after SIGTERM to finish what is in flight",
    v.optional(integer(100, 600_000), "10000"),
  ),
});
