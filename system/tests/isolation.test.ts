import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { findViolations } from "../isolation/find-violations.ts";
import { ownTables } from "../isolation/tables.ts";
import { readService } from "../isolation/service-files.ts";

const root = join(import.meta.dirname, "../..");

test("neither service takes, needs, touches or declares what belongs to the other", () => {
  expect(findViolations(root)).toEqual([]);
});

test("the check sees both services' tables", () => {
  expect(ownTables(readService(root, "producer"))).toContain("outbox");
  expect(ownTables(readService(root, "consumer"))).toContain("inbox");
});

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "isolation-"));
  for (const service of ["producer", "consumer"]) {
    cpSync(join(root, service), join(copy, service), {
      recursive: true,
      filter: (path) => !path.endsWith("node_modules"),
    });
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const planted: [what: string, file: string, text: string, reason: string][] = [
  [
    "an import of the other service",
    "consumer/src/planted.ts",
    `export { routingKeys } from "../../producer/src/generated/events.ts";`,
    "../../producer/src/generated/events.ts leaves consumer/",
  ],
  [
    "a read of a file in another folder",
    "producer/tests/planted.test.ts",
    `readFileSync(join(import.meta.dirname, "../../contracts/pacts/x.json"));`,
    "../../contracts/pacts/x.json leaves producer/",
  ],
  [
    "a configuration that extends the root's",
    "producer/tsconfig.extra.json",
    `{ "extends": "../tsconfig.json" }`,
    "../tsconfig.json leaves producer/",
  ],
  [
    "shipped code that imports a test's helper",
    "consumer/src/jobs/planted.ts",
    `import { x } from "../../tests/support/test-vhost.ts";`,
    "../../tests/support/test-vhost.ts is not in the image",
  ],
  [
    "an import of a package that only the other one has",
    "producer/src/planted.ts",
    `import nodemailer from "nodemailer";`,
    "nodemailer is not in its dependencies",
  ],
  [
    "shipped code that imports a development dependency",
    "consumer/src/planted.ts",
    `const { test } = await import("vitest");`,
    "vitest is not in its dependencies",
  ],
  [
    "a built-in module without its prefix",
    "consumer/src/planted.ts",
    `import { readFile } from "fs/promises";`,
    "fs/promises needs the prefix node:, for Deno",
  ],
  [
    "a query on the other service's table",
    "consumer/src/postgres/planted.ts",
    "await sql`select count(*)\n  from outbox where id = ${id}`;",
    "touches the other service's table outbox",
  ],
  [
    "a migration on the other service's table",
    "producer/migrations/999_planted.sql",
    "ALTER TABLE inbox ADD COLUMN x int;",
    "touches the other service's table inbox",
  ],
  [
    "a producer that names the consumer's queue",
    "producer/src/amqp/planted.ts",
    `await channel.checkQueue("apt.audit.queue");`,
    `"apt.audit.queue" is the other service's on the broker`,
  ],
  [
    "a producer that declares a queue",
    "producer/src/amqp/planted.ts",
    `import type { Channel } from "amqplib";\nawait channel.assertQueue(name);`,
    ".assertQueue( is the other service's on the broker",
  ],
  [
    "a consumer that declares the producer's exchange",
    "consumer/src/broker/planted.ts",
    `await channel.assertExchange(sourceExchange.name, sourceExchange.type);`,
    ".assertExchange(sourceExchange is the other service's on the broker",
  ],
];

test.each(planted)("finds %s", (_what, file, text, reason) => {
  writeFileSync(join(copy, file), text);
  onTestFinished(() => rmSync(join(copy, file)));
  expect(findViolations(copy)).toEqual([{ file, reason }]);
});

test("finds a dependency on a folder", () => {
  const path = join(copy, "consumer/package.json");
  const own = readFileSync(path, "utf8");
  onTestFinished(() => writeFileSync(path, own));
  const manifest = JSON.parse(own);
  manifest.dependencies.contracts = "file:../contracts";
  writeFileSync(path, JSON.stringify(manifest));
  expect(findViolations(copy)).toEqual([
    {
      file: "consumer/package.json",
      reason: "contracts is file:../contracts, not a version from the registry",
    },
  ]);
});
