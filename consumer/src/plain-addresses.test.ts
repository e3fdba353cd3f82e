import { expect, test } from "vitest";
import { databaseSecurity, plainHosts } from "./plain-addresses.ts";

test.each([
  ["amqp://user:secret@broker", ["broker"]],
  ["amqps://broker", []],
  ["amqp://localhost", []],
  ["http://127.8.9.10:3000", []],
  ["http://[::1]:3000", []],
  ["http://127.0.0.1.example.org", ["127.0.0.1.example.org"]],
  ["http://localhost.example.org", ["localhost.example.org"]],
  ["http://0.0.0.0", ["0.0.0.0"]],
  ["HTTP://Calendars.Example.org/clinic/", ["calendars.example.org"]],
  ["http://[2001:db8::1]:80", ["2001:db8::1"]],
  ["https://calendars.example.org", []],
  ["postgres://db/name", ["db"]],
  ["postgresql://DB/name?sslmode=prefer", ["db"]],
  ["postgres://localhost,one:5433,[2001:db8::1]/name", ["one", "2001:db8::1"]],
  ["postgres:///name?host=one,two", ["one", "two"]],
  ["postgres://u@%2Fvar%2Frun%2Fpostgresql/name", []],
  ["postgres://db/name?sslmode=require", []],
  ["postgres://db/name?sslmode=verify-full", []],
])("%s is plain to %j", (url, hosts) => {
  expect(plainHosts(url)).toEqual(hosts);
});

test.each([
  ["", "plain"],
  ["?sslmode=disable", "plain"],
  ["?sslmode=allow", "plain"],
  ["?sslmode=prefer", "plain"],
  ["?ssl=false", "plain"],
  ["?sslmode=require", "unverified"],
  ["?ssl=require", "unverified"],
  ["?sslmode=verify-ca", "verified"],
  ["?sslmode=verify-full", "verified"],
  ["?sslrootcert=system", "verified"],
])("a database with %s is spoken to %s, and verified where a CA is configured", (options, security) => {
  const url = `postgres://db/name${options}`;
  expect(databaseSecurity(url, false)).toBe(security);
  expect(databaseSecurity(url, true)).toBe("verified");
});
