import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { arriveLead, ConfigError, readConfig, warningsOf } from "./config.ts";
import { variables } from "./environment.ts";

const minimal = { DATABASE_URL: "postgres://localhost/producer", AMQP_URL: "amqp://localhost" };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("two addresses are all that it needs", () => {
  expect(readConfig(minimal)).toMatchObject({ HOST: "127.0.0.1", PORT: 3000, API_KEYS: [], RELAY_BATCH_SIZE: 500 });
});

test("AMQP_URL may name several nodes", () => {
  const { AMQP_URL } = readConfig({ ...minimal, AMQP_URL: "amqps://a, amqps://b" });
  expect(AMQP_URL).toEqual(["amqps://a", "amqps://b"]);
});

test("a patient arrives on the local day, or as early as it says", () => {
  expect(arriveLead(readConfig(minimal))).toBe("local-day");
  expect(arriveLead(readConfig({ ...minimal, ARRIVE_LEAD_MINUTES: "0" }))).toEqual({ minutes: 0 });
  expect(problemsOf({ ...minimal, ARRIVE_LEAD_MINUTES: "10081" })).toHaveLength(1);
});

test("an empty variable counts as absent", () => {
  expect(readConfig({ ...minimal, PORT: "" }).PORT).toBe(3000);
  expect(problemsOf({ ...minimal, DATABASE_URL: "" })).toEqual(["DATABASE_URL: is required"]);
});

test("every problem is reported at once", () => {
  const problems = problemsOf({
    PORT: "70000",
    AMQP_URL: "http://a",
    API_KEYS: `[{"name":"x","sha256":"key","scopes":["all"]}]`,
  });
  for (const variable of ["PORT", "DATABASE_URL", "AMQP_URL", "API_KEYS at 0.sha256", "API_KEYS at 0.scopes.0"]) {
    expect(problems).toContainEqual(expect.stringMatching(`^${variable}`));
  }
});

test("half a group is reported together with what else is wrong", () => {
  const problems = problemsOf({ PORT: "70000", JWT_ISSUER: "https://login.example.org/", AMQP_URL: "amqps://a" });
  expect(problems).toEqual([
    "PORT: expected a whole number from 0 to 65535",
    "DATABASE_URL: is required",
    "JWT_AUDIENCE and JWT_JWKS_URL: needed, because JWT_ISSUER, JWT_AUDIENCE, JWT_JWKS_URL go together",
  ]);
  expect(problemsOf({ ...minimal, JWT_ISSUER: "x" })).toHaveLength(1);
});

/** The first of these that a variable takes, with a host besides this machine. */
const plainAddresses = ["postgres://away.example/x", "amqp://away.example", "http://away.example"];
const together = {
  JWT_ISSUER: "https://login.example",
  JWT_AUDIENCE: "x",
  JWT_JWKS_URL: "https://login.example/keys",
  PATIENT_KEYS_URL: "postgres://localhost/keys",
  PATIENT_KEYS_SECRET: "s".repeat(43),
  PATIENT_KEYS_MASTER: `2026:${"A".repeat(43)}`,
};

/** Those whose value has to be an address of one of these kinds. */
function addressVariables(): [name: string, address: string][] {
  const isRefused = (name: string, value: string) =>
    problemsOf({ ...minimal, ...together, [name]: value }).some((problem) => /expected .*URL/.test(problem));
  return Object.keys(variables.entries).filter((name) => isRefused(name, "nothing"))
    .map((name) => [name, plainAddresses.find((address) => !isRefused(name, address))!]);
}

test("every address without TLS to another machine stops the start, unless that host is allowed by name", () => {
  const names = addressVariables().map(([name]) => name);
  expect(names).toEqual([
    "DATABASE_URL",
    "PATIENT_KEYS_URL",
    "AMQP_URL",
    "JWT_JWKS_URL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
  ]);
  for (const [name, address] of addressVariables()) {
    const given = { ...minimal, ...together, [name]: address };
    expect(problemsOf(given)).toEqual([
      `${name}: has no TLS to away.example; PLAINTEXT_HOSTS has to name away.example where that is meant`,
    ]);
    expect(problemsOf({ ...given, PLAINTEXT_HOSTS: "other, Away.example" })).toEqual([]);
    expect(problemsOf({ ...given, PLAINTEXT_HOSTS: "example" })).toHaveLength(1);
    expect(problemsOf({ ...given, [name]: address.replace("away.example", "localhost") })).toEqual([]);
  }
});

test("an address without TLS is told beside what else is wrong", () => {
  const problems = problemsOf({ ...minimal, PORT: "x", AMQP_URL: "amqp://one,amqps://two,amqp://three" });
  expect(problems.map((problem) => problem.split(";")[0])).toEqual([
    "PORT: expected a whole number from 0 to 65535",
    "AMQP_URL: has no TLS to one",
    "AMQP_URL: has no TLS to three",
  ]);
});

test("the digest of an empty key is none of a key: whoever sends nothing would have its scopes", () => {
  const keyOf = (secret: string) => {
    const sha256 = createHash("sha256").update(secret).digest("hex");
    return JSON.stringify([{ name: "x", sha256, scopes: ["ops"] }]);
  };
  expect(problemsOf({ ...minimal, API_KEYS: keyOf("") })).toEqual([
    expect.stringMatching("^API_KEYS at 0.sha256: .*empty"),
  ]);
  expect(problemsOf({ ...minimal, API_KEYS: keyOf(" ") })).toEqual([]);
});

test("sslmode=require without a CA is warned of", () => {
  const warnings = (options: string) =>
    warningsOf(readConfig({ ...minimal, DATABASE_URL: `postgres://db.example/x${options}` }));
  expect(warnings("?sslmode=require")).toEqual([expect.stringContaining("sslmode=require without DATABASE_CA_FILE")]);
  expect(warnings("?sslmode=verify-full")).toEqual([]);
});

test.each(["-1", "1e3", "0x10", "3000.5", " 3000"])("PORT %s is no whole number", (PORT) => {
  expect(problemsOf({ ...minimal, PORT })).toHaveLength(1);
});
