import { randomUUID } from "node:crypto";
import postgres from "postgres";
import type { Releases } from "../../stack/releases.ts";
import { testVariable } from "./test-environment.ts";

export interface PrivateDatabases {
  producer: string;
  consumer: string;
}

/** Two databases of the test's own. */
export async function createPrivateDatabases(
  releases: Releases,
  admin = testVariable("TEST_DATABASE_URL"),
): Promise<PrivateDatabases> {
  const suffix = randomUUID().slice(0, 8);
  const [producer, consumer] = [`producer_${suffix}`, `consumer_${suffix}`];
  await execute(admin, `CREATE DATABASE ${producer}`, `CREATE DATABASE ${consumer}`);
  releases.add("the databases", () => (
    execute(admin, `DROP DATABASE ${producer} WITH (FORCE)`, `DROP DATABASE ${consumer} WITH (FORCE)`)
  ));
  return { producer: withName(admin, producer), consumer: withName(admin, consumer) };
}

async function execute(url: string, ...statements: string[]) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const statement of statements) await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

function withName(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
