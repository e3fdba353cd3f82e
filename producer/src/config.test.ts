import { expect, test } from "vitest";
import { arriveLead, ConfigError, readConfig } from "./config.ts";

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
  const { AMQP_URL } = readConfig({ ...minimal, AMQP_URL: "amqp://a, amqps://b" });
  expect(AMQP_URL).toEqual(["amqp://a", "amqps://b"]);
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
  const problems = problemsOf({ PORT: "70000", JWT_ISSUER: "https://login.example.org/", AMQP_URL: "amqp://a" });
  expect(problems).toEqual([
    "PORT: expected a whole number from 0 to 65535",
    "DATABASE_URL: is required",
    "JWT_AUDIENCE and JWT_JWKS_URL: needed, because JWT_ISSUER, JWT_AUDIENCE, JWT_JWKS_URL go together",
  ]);
  expect(problemsOf({ ...minimal, JWT_ISSUER: "x" })).toHaveLength(1);
});

test.each(["-1", "1e3", "0x10", "3000.5", " 3000"])("PORT %s is no whole number", (PORT) => {
  expect(problemsOf({ ...minimal, PORT })).toHaveLength(1);
});
