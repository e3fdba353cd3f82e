import { expect, test } from "vitest";
import { readDatabaseAddress } from "./database-address.ts";

test.each([
  ["postgres://u:p@db/name", [{ host: "db", port: 5432 }]],
  ["postgresql://db:5433", [{ host: "db", port: 5433 }]],
  ["postgres://u:p@one:5433,two,three:5435/name", [
    { host: "one", port: 5433 },
    { host: "two", port: 5432 },
    { host: "three", port: 5435 },
  ]],
  ["postgres://u:p@[::1]:5433,[fe80::2]/name", [{ host: "::1", port: 5433 }, { host: "fe80::2", port: 5432 }]],
  ["postgres://u@%2Fvar%2Frun%2Fpostgresql/name", [{ path: "/var/run/postgresql/.s.PGSQL.5432" }]],
  ["postgres:///name?host=/tmp&port=6000", [{ path: "/tmp/.s.PGSQL.6000" }]],
  ["postgres:///name?host=one,two&port=1,2", [{ host: "one", port: 1 }, { host: "two", port: 2 }]],
  ["postgres:///name", [{ host: "localhost", port: 5432 }]],
])("%s", (address, targets) => {
  expect(readDatabaseAddress(address).targets).toEqual(targets);
});

test("what the driver decides stays in its address, and what is decided here does not", () => {
  const { url } = readDatabaseAddress(
    "postgres://u:p%40ss@one,two/name?sslmode=verify-full&target_session_attrs=primary",
  );
  expect(url).toBe("postgres://u:p%40ss@localhost:5432/name?sslmode=verify-full");
});

test.each(["mysql://db/name", "postgres://one:x/name", "postgres://one:70000/name", "postgres://[::1/name", "nothing"])(
  "%s is refused",
  (address) => expect(() => readDatabaseAddress(address)).toThrow(/^expected/),
);
